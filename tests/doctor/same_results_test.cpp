#include "doctor/same_results.h"

#include <gtest/gtest.h>

namespace tv2onnx::doctor {
namespace {

using Results = std::vector<Tensor>;

/// Boxes, labels and scores; box k begins at 10 x[k].
Results detections(const std::vector<float>& x, std::vector<float> scores) {
  std::vector<float> boxes;
  for (const float left : x) boxes.insert(boxes.end(), {10 * left, 5, 10 * left + 100, 80});
  const auto count = static_cast<std::int64_t>(x.size());
  std::vector<std::int64_t> labels(x.size(), 1);
  return {make_tensor({count, 4}, std::move(boxes)), make_tensor({count}, std::move(labels)),
          make_tensor({count}, std::move(scores))};
}

TEST(SameResults, RoundingIsNoDifference) {
  EXPECT_TRUE(same_results(detections({1, 2}, {0.9F, 0.8F}), detections({1, 2}, {0.9F, 0.8F})));
  EXPECT_TRUE(
      same_results(detections({1, 2}, {0.9F, 0.8F}), detections({1, 2.0005F}, {0.90001F, 0.8F})));
  EXPECT_FALSE(
      same_results(detections({1, 2}, {0.9F, 0.8F}), detections({1, 2.01F}, {0.9F, 0.8F})));
  EXPECT_FALSE(same_results(detections({1, 2}, {0.9F, 0.8F}), detections({1, 2}, {0.9F, 0.801F})));
}

TEST(SameResults, DetectionsMayChangePlaces) {
  EXPECT_TRUE(same_results(detections({1, 2}, {0.8F, 0.8F}), detections({2, 1}, {0.8F, 0.8F})));
  EXPECT_FALSE(same_results(detections({1, 2}, {0.9F, 0.8F}), detections({2, 1}, {0.9F, 0.8F})));
  EXPECT_FALSE(same_results(detections({1, 1}, {0.8F, 0.8F}), detections({1, 2}, {0.8F, 0.8F})))
      << "each has its own partner";
}

TEST(SameResults, NumbersThatAreNoDetectionsStayInPlace) {
  const Results a{make_tensor({2}, std::vector<float>{1, 2})};
  const Results b{make_tensor({2}, std::vector<float>{2, 1})};
  EXPECT_TRUE(same_results(a, a));
  EXPECT_FALSE(same_results(a, b));
}

TEST(SameResults, ShapesAndNumbersOfResultsCount) {
  const Results one = detections({1}, {0.8F});
  EXPECT_FALSE(same_results(one, detections({1, 2}, {0.8F, 0.8F})));
  EXPECT_FALSE(same_results(one, {one[0], one[2]}));
  EXPECT_TRUE(same_results(detections({}, {}), detections({}, {})));
}

TEST(SameButForTies, OtherBoxesOfTheSameScores) {
  const Results a = detections({1, 2, 3}, {0.9F, 0.8F, 0.8F});
  EXPECT_TRUE(same_but_for_ties(a, detections({1, 7, 8}, {0.9F, 0.8F, 0.8F})));
  EXPECT_FALSE(same_but_for_ties(a, detections({1, 7, 8}, {0.9F, 0.8F, 0.7F})));
  EXPECT_FALSE(same_but_for_ties(a, detections({1, 7}, {0.9F, 0.8F})));
}

}  // namespace
}  // namespace tv2onnx::doctor
