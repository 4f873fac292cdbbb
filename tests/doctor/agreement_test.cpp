#include "doctor/agreement.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tv2onnx::doctor {
namespace {

using Kind = Agreement::Kind;
using Results = std::vector<Tensor>;

constexpr DetectionOutputs kFlat{
    .form = DetectionOutputs::Form::kFlat, .boxes = 0, .labels = 1, .scores = 2};

/// Boxes of 30x30 pixels, far apart from each other, of class 1.
Results detections(const std::vector<float>& x, std::vector<float> scores) {
  std::vector<float> boxes;
  for (const float left : x) boxes.insert(boxes.end(), {40 * left, 5, 40 * left + 30, 35});
  const auto count = static_cast<std::int64_t>(x.size());
  std::vector<std::int64_t> labels(x.size(), 1);
  return {make_tensor({count, 4}, std::move(boxes)), make_tensor({count}, std::move(labels)),
          make_tensor({count}, std::move(scores))};
}

Tensor image(bool blank) {
  std::vector<std::uint8_t> pixels(std::size_t{100} * 200 * 3, 7);
  if (!blank) pixels[12] = 200;
  return make_tensor({1, 100, 200, 3}, std::move(pixels));
}

Agreement compared(const Results& before, const Results& after, bool blank,
                   const DetectionRules& rules = {}) {
  const std::string file = "model.onnx";
  return agreement({before, kFlat, file}, {after, kFlat, file}, image(blank), rules);
}

std::vector<float> counted(std::size_t count) {
  std::vector<float> numbers(count);
  for (std::size_t k = 0; k < count; ++k) numbers[k] = static_cast<float>(k);
  return numbers;
}

TEST(Agreement, SameIsSame) {
  const Results one = detections({0, 1, 2}, {0.9F, 0.8F, 0.7F});
  EXPECT_EQ(compared(one, one, false).kind, Kind::kSame);
}

TEST(Agreement, OtherBoxesOrScoresAreDifferent) {
  const Results one = detections({0, 1, 2}, {0.9F, 0.8F, 0.7F});
  EXPECT_EQ(compared(one, detections({0, 1, 3}, {0.9F, 0.8F, 0.7F}), false).kind, Kind::kDifferent);
  EXPECT_EQ(compared(one, detections({0, 1, 2}, {0.9F, 0.8F, 0.6F}), false).kind, Kind::kDifferent);
  EXPECT_EQ(compared(one, detections({0, 1}, {0.9F, 0.8F}), false).kind, Kind::kDifferent);
}

TEST(Agreement, ScoresThatTieSayNothing) {
  const std::vector<float> tied(10, 0.5F);
  const Results before = detections(counted(10), tied);
  std::vector<float> others = counted(10);
  others[3] = 20;
  others[7] = 21;
  const Agreement undecided = compared(before, detections(others, tied), false);
  EXPECT_EQ(undecided.kind, Kind::kUndecided);
  EXPECT_NE(undecided.text.find("tied"), std::string::npos);
  // Many fewer boxes are no matter of ties.
  const Results fewer = detections(counted(5), std::vector<float>(5, 0.5F));
  EXPECT_EQ(compared(before, fewer, false).kind, Kind::kDifferent);
}

TEST(Agreement, OnOneColourProposalsTie) {
  std::vector<float> scores(20);
  for (std::size_t k = 0; k < scores.size(); ++k) scores[k] = 0.9F - 0.02F * static_cast<float>(k);
  const Results before = detections(counted(20), scores);
  std::vector<float> others = counted(20);
  others[19] = 30;
  EXPECT_EQ(compared(before, detections(others, scores), true).kind, Kind::kUndecided);
  EXPECT_EQ(compared(before, detections(others, scores), false).kind, Kind::kDifferent);
}

TEST(Agreement, AThresholdExplainsOne) {
  const DetectionRules rules{.score_threshold = 0.05, .nms_threshold = 0.5, .max_detections = 100};
  const Results before = detections({0, 1, 2}, {0.9F, 0.8F, 0.05001F});
  const Agreement explained = compared(before, detections({0, 1}, {0.9F, 0.8F}), false, rules);
  EXPECT_EQ(explained.kind, Kind::kExplained) << explained.text;
  EXPECT_EQ(compared(before, detections({0, 1}, {0.9F, 0.8F}), false).kind, Kind::kDifferent);
}

}  // namespace
}  // namespace tv2onnx::doctor
