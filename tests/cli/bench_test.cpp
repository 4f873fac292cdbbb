#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/run_tool.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using testing::run_tool;
using testing::ToolResult;

std::string model(const std::string& name) {
  return "'" TV2ONNX_SOURCE_DIR "/tests/golden/runtime/" + name + ".onnx' ";
}

TEST(BenchCommand, ComparesTwoFilesAtEverySizeAndThreadCount) {
  const ToolResult result = run_tool("bench " + model("batched") + "--vs " + model("uint8_bgr") +
                                     "--size 20x30 --size 40x40 --threads 1 --threads 2 --runs 3 "
                                     "--json");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto answer = nlohmann::json::parse(result.out);
  ASSERT_EQ(answer["rows"].size(), 4U);
  EXPECT_EQ(answer["rows"][0]["size"], "20x30");
  EXPECT_EQ(answer["rows"][3]["threads"], 2);
  EXPECT_EQ(answer["rows"][0]["files"].size(), 2U);
  EXPECT_EQ(answer["rows"][0]["files"][0]["detections"],
            answer["rows"][0]["files"][1]["detections"]);
  EXPECT_GT(answer["rows"][0]["ratio"].get<double>(), 0.0);
}

TEST(BenchCommand, PrintsATable) {
  const ToolResult result = run_tool("-q bench " + model("batched") + "--size 20x30 --runs 1");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("THREADS  SIZE   BATCH  FILE"));
  EXPECT_THAT(result.out, MatchesRegex("(.|\n)*ONNX Runtime 1[.].* cores, load [0-9.]+\n"));
  EXPECT_EQ(result.err, "");
  const ToolResult sleeping =
      run_tool("-q bench " + model("batched") + "--size 20x30 --runs 1 --threads 2 --no-spinning");
  EXPECT_EQ(sleeping.exit_code, 0) << sleeping.err;
}

TEST(BenchCommand, TellsHowTimesAreSpreadAndWhatABatchGives) {
  const ToolResult result =
      run_tool("-q bench " + model("batched") +
               "--size 20x30 --batch 1 --batch 3 --warm-up 0 --runs 20 --json");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto rows = nlohmann::json::parse(result.out)["rows"];
  ASSERT_EQ(rows.size(), 2U);
  for (const auto& row : rows) {
    const auto& file = row["files"][0];
    EXPECT_LE(file["fastest_ms"], file["median_ms"]);
    EXPECT_LE(file["median_ms"], file["p90_ms"]);
    EXPECT_LE(file["p90_ms"], file["p99_ms"]);
    EXPECT_NEAR(file["images_per_second"].get<double>() * file["median_ms"].get<double>(),
                1000 * row["batch"].get<double>(), 1e-6);
  }
  EXPECT_EQ(rows[0]["files"][0]["detections"], rows[1]["files"][0]["detections"]);
  EXPECT_THAT(run_tool("-q bench " + model("torch_static") + "--batch 2 --runs 1").err,
              HasSubstr("2 images in a run, and the file takes 1"));
}

TEST(BenchCommand, TellsWhereTheTimeGoes) {
  const testing::TemporaryFolder folder;
  const std::string svg = (folder / "p.svg").string();
  const ToolResult result = run_tool("-q bench " + model("batched") +
                                     "--size 20x30 --runs 2 --json --profile-svg '" + svg + "'");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto operators = nlohmann::json::parse(result.out)["operators"];
  ASSERT_FALSE(operators.empty());
  EXPECT_GE(operators[0]["nodes"], 1);
  EXPECT_GT(operators[0]["ms"], 0);
  EXPECT_THAT(testing::read_file(svg), HasSubstr(operators[0]["op"].get<std::string>() + " ("));
  EXPECT_THAT(run_tool("-q bench " + model("batched") + "--size 20x30 --runs 1 --profile").out,
              HasSubstr("OPERATOR"));
}

TEST(BenchCommand, EndsWithWhichFileIsFaster) {
  const ToolResult result =
      run_tool("-q bench " + model("batched") + "--vs " + model("flat") + "--size 20x30 --runs 1");
  EXPECT_THAT(result.out, MatchesRegex("(.|\n)*batched.onnx is [0-9.]+ times as fast as "
                                       ".*flat.onnx\n"));
}

TEST(BenchCommand, TakesFilesWithoutBatchAndOfOneSize) {
  // The input of both is [3, height, width].
  const ToolResult any =
      run_tool("-q bench " + model("torch_labels_scores") + "--size 20x30 --runs 1 --json");
  ASSERT_EQ(any.exit_code, 0) << any.err;
  const ToolResult only = run_tool("-q bench " + model("torch_static") + "--runs 1 --json");
  ASSERT_EQ(only.exit_code, 0) << only.err;
  EXPECT_EQ(nlohmann::json::parse(only.out)["rows"][0]["size"], "30x40");
}

TEST(BenchCommand, TakesFilesOfEveryTask) {
  for (const char* name :
       {"classifier", "segment_labels", "segment_logits", "clips", "clips_4", "flow"}) {
    const ToolResult result =
        run_tool("-q bench " + model(name) + "--size 40x48 --runs 2 --profile --json");
    ASSERT_EQ(result.exit_code, 0) << name << result.err;
    const auto answer = nlohmann::json::parse(result.out);
    ASSERT_EQ(answer["rows"].size(), 1U) << name;
    const auto& file = answer["rows"][0]["files"][0];
    EXPECT_GT(file["median_ms"].get<double>(), 0) << name;
    EXPECT_FALSE(file.contains("detections")) << name;
    EXPECT_FALSE(answer["operators"].empty()) << name;
  }
  const ToolResult usual = run_tool("-q bench " + model("classifier") + "--runs 1 --batch 2");
  EXPECT_EQ(usual.exit_code, 0) << usual.err;
  EXPECT_THAT(usual.out, AllOf(HasSubstr("480x640"), ::testing::Not(HasSubstr("800x1066"))));
  EXPECT_THAT(run_tool("-q bench " + model("clips") + "--batch 2 --runs 1").err,
              AllOf(HasSubstr("2 clips in a run, and the file takes 1"), HasSubstr("--batch 1")));
}

TEST(BenchCommand, APhotoHasItsOwnSize) {
  const ToolResult result =
      run_tool("-q bench " + model("batched") +
               "--image '" TV2ONNX_SOURCE_DIR "/tests/golden/image/exif_1.jpg' --runs 1 --json");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto rows = nlohmann::json::parse(result.out)["rows"];
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["size"], "24x40");
}

TEST(BenchCommand, SizesAreHeightAndWidth) {
  for (const char* size : {"640", "20x", "x20", "0x5", "20x30x3"}) {
    const ToolResult result = run_tool("bench " + model("batched") + "--size " + size);
    EXPECT_EQ(result.exit_code, 2) << size;
    EXPECT_THAT(result.err, HasSubstr("height and width, such as 480x640")) << size;
  }
}

}  // namespace
}  // namespace tv2onnx
