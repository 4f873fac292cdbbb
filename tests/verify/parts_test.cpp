// Masks and keypoints of pairs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tv2onnx/masks.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr ImageSize kSize{60, 80};
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// Probabilities that differ from pixel to pixel.
Tensor probabilities(std::int64_t side, float shift = 0) {
  std::vector<float> values;
  for (std::int64_t k = 0; k < side * side; ++k) {
    values.push_back(static_cast<float>(k * 37 % 101) / 101 * 0.9F + shift);
  }
  return make_tensor({side, side}, std::move(values));
}

Detection object(std::array<float, 4> box = {10.3F, 12.6F, 40.2F, 50.9F}) {
  return {.box = box, .label = 1, .score = 0.9F};
}

Detection with_mask(Detection detection, float shift = 0) {
  detection.mask = {probabilities(28, shift), false};
  return detection;
}

/// The mask in the image, as a file with full masks gives it.
Detection pasted(Detection detection) {
  detection.mask = {paste_mask(detection.mask->probabilities, detection.box, kSize), true};
  return detection;
}

Detection with_keypoints(Detection detection) {
  for (int k = 0; k < 5; ++k) {
    const auto place = static_cast<float>(k);
    detection.keypoints.push_back({15 + place, 20 + 2 * place, 1, 3 + place});
  }
  return detection;
}

TEST(Masks, WithinTheToleranceAreEqual) {
  const DetectionComparison result =
      compare({with_mask(object())}, {with_mask(object(), 5e-4F)}, {});
  EXPECT_TRUE(result.equal()) << result.reason();
  EXPECT_EQ(result.masks, 1U);
  EXPECT_NEAR(result.worst.mask, 5e-4, 1e-6);
  EXPECT_EQ(result.keypoints, 0U);
}

TEST(Masks, FurtherApartMakeADifferentPair) {
  const DetectionComparison result =
      compare({with_mask(object())}, {with_mask(object(), 2e-3F)}, {});
  EXPECT_FALSE(result.equal());
  EXPECT_EQ(result.matched, 0U);
  ASSERT_THAT(result.different, SizeIs(1));
  EXPECT_FALSE(result.different[0].found.mask.has_value()) << "reports keep no masks";
  EXPECT_THAT(result.reason(), HasSubstr("0.002 in the mask"));
}

TEST(Masks, NotANumberIsNeverEqual) {
  const DetectionComparison result =
      compare({with_mask(object())}, {with_mask(object(), kNan)}, {});
  EXPECT_FALSE(result.equal());
  EXPECT_TRUE(std::isnan(result.worst.mask));
}

TEST(Masks, OfAnotherSizeAreDifferent) {
  Detection found = object();
  found.mask = {probabilities(14), false};
  EXPECT_FALSE(compare({with_mask(object())}, {found}, {}).equal());
}

TEST(Masks, ThatOnlyOneSideHasAreNotCompared) {
  const DetectionComparison result = compare({with_mask(object())}, {object()}, {});
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.masks, 0U);
}

TEST(Masks, OverTheBoxAndPastedAreTheSame) {
  const Detection open = with_mask(object());
  for (const auto& [expected, found] :
       {std::pair{open, pasted(open)}, {pasted(open), open}, {pasted(open), pasted(open)}}) {
    const DetectionComparison result = compare({expected}, {found}, {});
    EXPECT_TRUE(result.equal()) << result.reason();
    EXPECT_EQ(result.worst.mask, 0);
    EXPECT_THAT(result.part_flips, IsEmpty());
  }
  EXPECT_FALSE(compare({open}, {pasted(with_mask(object(), 0.01F))}, {}).equal());
}

/// Two boxes that rounding alone tells apart, on both sides of a whole number of their paste box.
std::pair<Detection, Detection> at_a_whole_number() {
  Detection low = object();
  Detection high = object();
  // The lower right corner: 25 + 15 * 30 / 28 = 41.07; move it to 42.
  low.box = {10, 12.6F, 40 + 0.899F, 50.9F};
  for (high.box = low.box; paste_box(high.box, 28) == paste_box(low.box, 28);
       high.box[2] += 1e-4F) {
    low.box[2] = high.box[2];
  }
  return {with_mask(low), with_mask(high)};
}

TEST(Masks, PastedIntoABoxThatIsRoundedOtherwiseAreAFlip) {
  const auto [low, high] = at_a_whole_number();
  ASSERT_FALSE(paste_box(low.box, 28) == paste_box(high.box, 28));
  EXPECT_TRUE(compare({low}, {high}, {}).part_flips.empty()) << "nothing is pasted";
  for (const auto& [expected, found] :
       {std::pair{low, pasted(high)}, {pasted(low), high}, {pasted(low), pasted(high)}}) {
    const DetectionComparison result = compare({expected}, {found}, {});
    EXPECT_TRUE(result.equal()) << result.reason();
    ASSERT_THAT(result.part_flips, SizeIs(1));
    EXPECT_EQ(result.part_flips[0].flip, Flip::kPasteBox);
    EXPECT_FALSE(result.part_flips[0].keypoint.has_value());
    EXPECT_GT(result.part_flips[0].difference, 1e-3);
    EXPECT_EQ(result.flips(), 1U);
    EXPECT_EQ(result.keypoint_flips(), 0U);
    EXPECT_EQ(result.worst.mask, 0) << "flips do not count";
  }
}

TEST(Masks, TheOtherBoxMustExplainEverything) {
  const auto [low, high] = at_a_whole_number();
  EXPECT_FALSE(compare({low}, {pasted(with_mask(high, 0.01F))}, {}).equal());
}

TEST(Masks, AreAllowedThreeTimesTheRoundingOfPyTorch) {
  const Detections precise{with_mask(object(), 5e-4F)};
  const Detections found{with_mask(object(), -1.4e-3F)};
  EXPECT_FALSE(compare({with_mask(object())}, found, {}).equal());
  const DetectionComparison result =
      compare({with_mask(object())}, found, {}, {}, {.precise = &precise});
  EXPECT_TRUE(result.equal());
  EXPECT_NEAR(result.allowed.mask, 1.5e-3, 1e-6);
}

TEST(Keypoints, WithinTheToleranceAreEqual) {
  Detection found = with_keypoints(object());
  found.keypoints[3].y += 0.04F;
  found.keypoints[1].score -= 5e-4F;
  const DetectionComparison result = compare({with_keypoints(object())}, {found}, {});
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.keypoints, 5U);
  EXPECT_NEAR(result.worst.keypoint, 0.04, 1e-5);
  EXPECT_NEAR(result.worst.keypoint_score, 5e-4, 1e-6);
  EXPECT_EQ(result.keypoint_flips(), 0U);
}

TEST(Keypoints, ScoreThatIsFurtherOffIsDifferent) {
  Detection found = with_keypoints(object());
  found.keypoints[2].score += 2e-3F;
  const DetectionComparison result = compare({with_keypoints(object())}, {found}, {});
  EXPECT_FALSE(result.equal());
  EXPECT_THAT(result.reason(), HasSubstr("0.002 in the score of a keypoint"));
}

TEST(Keypoints, ElsewhereWithTheSameScoreIsATie) {
  Detection found = with_keypoints(object());
  found.keypoints[2].x += 7;
  found.keypoints[2].score += 5e-4F;
  const DetectionComparison result = compare({with_keypoints(object())}, {found}, {});
  EXPECT_TRUE(result.equal());
  ASSERT_THAT(result.part_flips, SizeIs(1));
  EXPECT_EQ(result.part_flips[0].flip, Flip::kKeypointTie);
  EXPECT_EQ(result.part_flips[0].keypoint, 2U);
  EXPECT_NEAR(result.part_flips[0].difference, 7, 1e-5);
  EXPECT_EQ(result.keypoint_flips(), 1U);
  EXPECT_EQ(result.flips(), 0U) << "keypoints are counted apart";
  EXPECT_EQ(result.worst.keypoint, 0) << "flips do not count";
}

TEST(Keypoints, ElsewhereWithAnotherScoreIsDifferent) {
  Detection found = with_keypoints(object());
  found.keypoints[2].x += 7;
  found.keypoints[2].score += 2e-3F;
  const DetectionComparison result = compare({with_keypoints(object())}, {found}, {});
  EXPECT_FALSE(result.equal());
  EXPECT_THAT(result.reason(), HasSubstr("7 px in a keypoint"));
}

TEST(Keypoints, WhereFloat64FindsThemAreAFlip) {
  Detection elsewhere = with_keypoints(object());
  elsewhere.keypoints[2].x += 7;
  elsewhere.keypoints[2].score += 2e-3F;
  const Detections precise{elsewhere};
  const DetectionComparison result =
      compare({with_keypoints(object())}, {elsewhere}, {}, {}, {.precise = &precise});
  EXPECT_TRUE(result.equal()) << result.reason();
  ASSERT_THAT(result.part_flips, SizeIs(1));
  EXPECT_EQ(result.part_flips[0].flip, Flip::kPrecision);
  EXPECT_EQ(result.allowed.keypoint, Tolerance{}.keypoint) << "another place is not rounding";
}

TEST(Keypoints, ScoresAreWhereFloat64HasThemToo) {
  // A heatmap that was enlarged to one pixel more: the same places, other scores.
  Detection enlarged = with_keypoints(object());
  enlarged.keypoints[2].score += 0.2F;
  EXPECT_FALSE(compare({with_keypoints(object())}, {enlarged}, {}).equal());
  const Detections precise{enlarged};
  const DetectionComparison result =
      compare({with_keypoints(object())}, {enlarged}, {}, {}, {.precise = &precise});
  EXPECT_TRUE(result.equal()) << result.reason();
  EXPECT_EQ(result.keypoint_flips(), 1U);
  Detection other = with_keypoints(object());
  other.keypoints[2].score -= 0.2F;
  EXPECT_FALSE(compare({with_keypoints(object())}, {other}, {}, {}, {.precise = &precise}).equal());
}

TEST(Keypoints, OfAHeatmapOfAnotherSizeAreAFlip) {
  // 59.99 and 60.01 pixels wide for a network that sees twice the size: heatmaps of 60 and 61.
  const Detection expected = with_keypoints(object({10, 10, 39.995F, 50.2F}));
  Detection found = with_keypoints(object({10, 10, 40.005F, 50.2F}));
  found.keypoints[2].x += 0.4F;
  found.keypoints[2].score += 0.1F;
  DetectionRules rules;
  EXPECT_FALSE(compare({expected}, {found}, {}, rules).equal()) << "nothing is known of the size";
  rules.scale = {2, 2};
  const DetectionComparison result = compare({expected}, {found}, {}, rules);
  EXPECT_TRUE(result.equal()) << result.reason();
  ASSERT_THAT(result.part_flips, SizeIs(1));
  EXPECT_EQ(result.part_flips[0].flip, Flip::kHeatmapSize);
  rules.scale = {2, 1.55};
  EXPECT_FALSE(compare({expected}, {found}, {}, rules).equal()) << "47 pixels both";
  rules.scale = {1.55, 2};
  EXPECT_TRUE(compare({expected}, {found}, {}, rules).equal()) << "height, width";
  rules.scale = {2, 2};
  found.keypoints[2].x += 1;
  EXPECT_FALSE(compare({expected}, {found}, {}, rules).equal()) << "further than sampling explains";
  rules.scale = {2, 1};
  EXPECT_TRUE(compare({expected}, {found}, {}, rules).equal()) << "heatmaps of 30 and 31, from 56";
  for (const float far : {1e4F, std::numeric_limits<float>::infinity(), kNan}) {
    Detection outside = found;
    outside.keypoints[2].x = far;
    EXPECT_FALSE(compare({expected}, {outside}, {}, rules).equal()) << "out of the box: " << far;
  }
  rules.scale = {2, 2};
  found.keypoints[2] = expected.keypoints[2];
  found.keypoints[2].score = kNan;
  EXPECT_FALSE(compare({expected}, {found}, {}, rules).equal());
}

TEST(Keypoints, AreAllowedThreeTimesTheRoundingOfPyTorch) {
  Detection rounded = with_keypoints(object());
  rounded.keypoints[1].x += 0.03F;
  rounded.keypoints[1].score += 2e-3F;
  const Detections precise{rounded};
  Detection found = with_keypoints(object());
  found.keypoints[4].x -= 0.08F;
  found.keypoints[4].score -= 5e-3F;
  EXPECT_FALSE(compare({with_keypoints(object())}, {found}, {}).equal());
  EXPECT_TRUE(compare({with_keypoints(object())}, {found}, {}, {}, {.precise = &precise}).equal());
}

TEST(Keypoints, OfAnotherNumberAndNotANumberAreDifferent) {
  Detection fewer = with_keypoints(object());
  fewer.keypoints.pop_back();
  EXPECT_FALSE(compare({with_keypoints(object())}, {fewer}, {}).equal());
  Detection nowhere = with_keypoints(object());
  nowhere.keypoints[0].x = kNan;
  EXPECT_FALSE(compare({with_keypoints(object())}, {nowhere}, {}).equal());
  nowhere = with_keypoints(object());
  nowhere.keypoints[0].score = kNan;
  EXPECT_FALSE(compare({with_keypoints(object())}, {nowhere}, {}).equal());
}

}  // namespace
}  // namespace tv2onnx
