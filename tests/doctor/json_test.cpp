#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tv2onnx/doctor.h"

namespace tv2onnx {
namespace {

using nlohmann::json;

Diagnosis diagnosis() {
  Finding finding;
  finding.code = "D15";
  finding.damage = Damage::kWaste;
  finding.evidence = {"Relu_1"};
  return {"a\xFF.onnx", "waste: something", {finding}};
}

TEST(DoctorJson, HasTheFindingsAndTheTrialIfThereWasOne) {
  const json alone = json::parse(to_json(diagnosis()));
  EXPECT_EQ(alone["healthy"], false);
  EXPECT_EQ(alone["findings"][0]["code"], "D15");
  EXPECT_EQ(alone["findings"][0]["damage"], "waste");
  EXPECT_EQ(alone["findings"][0]["evidence"], json::array({"Relu_1"}));
  EXPECT_FALSE(alone.contains("trial"));
  Trial trial;
  TrialRun& run = trial.runs.emplace_back();
  run.passed = false;
  run.explanation.code = "D02";
  trial.variants.push_back({"RGB 0..1", 2, 0.5, ""});
  const json tried = json::parse(to_json(diagnosis(), &trial))["trial"];
  EXPECT_EQ(tried["passed"], false);
  EXPECT_EQ(tried["runs"][0]["code"], "D02");
  EXPECT_EQ(tried["variants"][0]["detections"], 2);
}

TEST(DoctorJson, HasTheProofOfARepair) {
  const FixReport fixed{
      diagnosis(), diagnosis(), {"D15"}, {{"blank", "fails", "0 detections", "mended"}}};
  const json answer = json::parse(to_json(fixed));
  EXPECT_EQ(answer["repaired"], json::array({"D15"}));
  EXPECT_EQ(answer["before"]["verdict"], "waste: something");
  EXPECT_EQ(answer["proof"][0]["verdict"], "mended");
}

TEST(DoctorJson, HasWhereASettingComesFrom) {
  Rebuilt rebuilt;
  rebuilt.exported.settings = {{"min_size", "320", "checkpoint"},
                               {"max_size", "640", "--max-size"}};
  const json answer = json::parse(to_json(rebuilt, "new.onnx"));
  EXPECT_EQ(answer["output"], "new.onnx");
  EXPECT_EQ(answer["settings"]["min_size"]["value"], 320);
  EXPECT_EQ(answer["settings"]["min_size"]["origin"], "the file");
  EXPECT_EQ(answer["settings"]["max_size"]["origin"], "--max-size");
}

TEST(DoctorJson, SaysWhetherALogIsRecognised) {
  EXPECT_EQ(json::parse(to_json(std::vector<LogExplanation>{}))["recognised"], false);
  std::vector<LogExplanation> one(1);
  one[0].line = 7;
  const json answer = json::parse(to_json(one));
  EXPECT_EQ(answer["recognised"], true);
  EXPECT_EQ(answer["explanations"][0]["line"], 7);
}

}  // namespace
}  // namespace tv2onnx
