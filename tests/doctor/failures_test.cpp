// No file is healthy that fails on an image.

#include "doctor/failures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

TrialRun failed(std::string input, const std::string& message) {
  return {std::move(input), "fails", false, doctor::explanation_of(message)};
}

Diagnosis healthy() {
  return {"model.onnx", "healthy: nothing wrong was found", {}};
}

TEST(Failures, AreFindingsOfEachKind) {
  Trial trial;
  trial.runs.push_back({"scene", "3 detections, best 0.9", true, {}});
  trial.runs.push_back(failed("blank", "Input shape:{0,364}, requested shape:{0,-1}"));
  trial.runs.push_back(failed("white", "Input shape:{0,364}, requested shape:{0,-1}"));
  trial.runs.push_back(failed("noise", "something that nobody knows"));
  const Diagnosis diagnosis = with_trial(healthy(), trial);
  EXPECT_FALSE(diagnosis.healthy());
  EXPECT_THAT(diagnosis.verdict, StartsWith("crashes: "));
  ASSERT_THAT(diagnosis.findings, SizeIs(2));
  EXPECT_EQ(diagnosis.findings[0].code.name(), "D02");
  EXPECT_THAT(diagnosis.findings[0].evidence, ElementsAre("run on blank", "run on white"));
  EXPECT_EQ(diagnosis.findings[1].code.name(), "R003");
  EXPECT_THAT(diagnosis.findings[1].what, HasSubstr("nobody knows"));
}

TEST(Failures, ThatARuleHasFoundAreNotRepeated) {
  Diagnosis diagnosis = healthy();
  Finding finding;
  finding.code = "D02";
  finding.damage = Damage::kCrash;
  diagnosis.findings = {finding};
  Trial trial;
  trial.runs.push_back(failed("blank", "Input shape:{0,364}, requested shape:{0,-1}"));
  EXPECT_THAT(with_trial(diagnosis, trial).findings, SizeIs(1));
}

TEST(Failures, WhatIsDeclaredIsALimit) {
  Trial trial;
  trial.runs.push_back(failed("batch_2",
                              "Got invalid dimensions for input: input for the following indices\n "
                              "index: 0 Got: 2 Expected: 1\n Please fix"));
  const Diagnosis diagnosis = with_trial(healthy(), trial);
  ASSERT_THAT(diagnosis.findings, SizeIs(1));
  EXPECT_EQ(diagnosis.findings[0].damage, Damage::kLimit);
}

TEST(Failures, NoneIsNone) {
  Trial trial;
  trial.runs.push_back({"scene", "3 detections, best 0.9", true, {}});
  EXPECT_TRUE(with_trial(healthy(), trial).healthy());
}

}  // namespace
}  // namespace tv2onnx
