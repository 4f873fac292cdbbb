#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr DetectionRules kRules{
    .score_threshold = 0.05, .nms_threshold = 0.5, .max_detections = 100};

Detection at(float x, float y, std::int64_t label, float score, float side = 100) {
  return {.box = {x, y, x + side, y + side}, .label = label, .score = score};
}

Detections scene() {
  return {at(10, 10, 1, 0.99F), at(200, 10, 2, 0.9F), at(10, 200, 1, 0.8F), at(200, 200, 3, 0.7F)};
}

DetectionComparison compared(const Detections& expected, const Detections& found) {
  return compare(expected, found, {}, kRules);
}

TEST(Compare, EqualListsAreEqual) {
  const DetectionComparison result = compared(scene(), scene());
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.matched, 4U);
  EXPECT_EQ(result.worst.box, 0);
  EXPECT_EQ(result.worst.score, 0);
  EXPECT_EQ(result.flips(), 0U);
  EXPECT_EQ(result.reason(), "");
}

TEST(Compare, EmptyListsAreEqual) {
  const DetectionComparison result = compared({}, {});
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.matched, 0U);
}

TEST(Compare, OrderDoesNotMatter) {
  Detections found = scene();
  std::mt19937 random(1);
  for (int round = 0; round < 10; ++round) {
    std::shuffle(found.begin(), found.end(), random);
    EXPECT_TRUE(compared(scene(), found).equal());
    EXPECT_TRUE(compared(found, scene()).equal());
  }
}

TEST(Compare, ReportsTheWorstDifferenceWithinTheTolerance) {
  Detections found = scene();
  found[1].box[2] += 0.015F;
  found[2].score -= 5e-5F;
  const DetectionComparison result = compared(scene(), found);
  EXPECT_TRUE(result.equal());
  EXPECT_NEAR(result.worst.box, 0.015, 1e-4);
  EXPECT_NEAR(result.worst.score, 5e-5, 1e-7);
}

TEST(Compare, BoxThatIsFurtherOffIsDifferent) {
  Detections found = scene();
  found[1].box[2] += 0.025F;
  const DetectionComparison result = compared(scene(), found);
  EXPECT_FALSE(result.equal());
  EXPECT_THAT(result.different, SizeIs(1));
  EXPECT_EQ(result.matched, 3U);
  EXPECT_NEAR(result.worst.box, 0.025, 1e-4);
  EXPECT_THAT(result.reason(), HasSubstr("0.025 px"));
}

TEST(Compare, ScoreThatIsFurtherOffIsDifferent) {
  Detections found = scene();
  found[3].score += 2e-4F;
  const DetectionComparison result = compared(scene(), found);
  EXPECT_FALSE(result.equal());
  EXPECT_THAT(result.different, SizeIs(1));
}

TEST(Compare, WrongLabelIsMissingAndExtra) {
  Detections found = scene();
  found[0].label = 2;
  const DetectionComparison result = compared(scene(), found);
  EXPECT_FALSE(result.equal());
  EXPECT_THAT(result.missing, SizeIs(1));
  EXPECT_THAT(result.extra, SizeIs(1));
  EXPECT_EQ(result.flips(), 0U);
  EXPECT_THAT(result.reason(), HasSubstr("1 detection missing, first: label 1 score 0.99"));
}

TEST(Compare, MissingAndExtraAreSymmetric) {
  Detections fewer = scene();
  fewer.pop_back();
  const DetectionComparison missing = compared(scene(), fewer);
  EXPECT_FALSE(missing.equal());
  EXPECT_THAT(missing.missing, SizeIs(1));
  const DetectionComparison extra = compared(fewer, scene());
  EXPECT_FALSE(extra.equal());
  EXPECT_THAT(extra.extra, SizeIs(1));
  EXPECT_THAT(extra.reason(), HasSubstr("1 detection unexpected"));
}

TEST(Compare, NotANumberIsNeverEqual) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  Detections box = scene();
  box[0].box[0] = kNan;
  EXPECT_FALSE(compared(scene(), box).equal());
  EXPECT_FALSE(compared(box, box).equal());
  Detections score = scene();
  score[0].score = kNan;
  const DetectionComparison result = compared(scene(), score);
  EXPECT_FALSE(result.equal());
  EXPECT_TRUE(std::isnan(result.worst.score));
}

TEST(Compare, ZeroToleranceDemandsTheSameBits) {
  EXPECT_TRUE(compare(scene(), scene(), {.box = 0, .score = 0}).equal());
  Detections found = scene();
  found[0].box[0] = std::nextafter(found[0].box[0], 100.0F);
  EXPECT_FALSE(compare(scene(), found, {.box = 0, .score = 0}).equal());
}

TEST(Compare, NeighboursArePairedWithTheirOwnPartner) {
  // Two boxes 0.01 px apart: each fits both within the tolerance, only one pairing is right.
  const Detections expected{at(10, 10, 1, 0.90000F), at(10.01F, 10, 1, 0.90008F)};
  const Detections found{at(10.012F, 10, 1, 0.90008F), at(10.002F, 10, 1, 0.90000F)};
  const DetectionComparison result = compare(expected, found, {});
  EXPECT_TRUE(result.equal());
  EXPECT_LT(result.worst.box, 0.003);
}

TEST(Compare, BoxesWithoutAreaCanMatch) {
  const Detections flat{at(10, 10, 1, 0.9F, 0)};
  EXPECT_TRUE(compared(flat, flat).equal());
}

TEST(Flips, ScoreNearTheThreshold) {
  Detections expected = scene();
  expected.push_back(at(400, 400, 1, 0.05005F));
  const DetectionComparison result = compared(expected, scene());
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.flips(), 1U);
  EXPECT_EQ(result.missing[0].flip, Flip::kScoreThreshold);
  expected.back().score = 0.0502F;
  EXPECT_FALSE(compared(expected, scene()).equal());
}

TEST(Flips, NothingIsExplainedWithoutRules) {
  Detections expected = scene();
  expected.push_back(at(400, 400, 1, 0.05005F));
  EXPECT_FALSE(compare(expected, scene(), {}).equal());
}

TEST(Flips, WrongBoxNearTheThresholdIsNoFlip) {
  const Detections expected{at(10, 10, 1, 0.05005F)};
  const Detections found{at(15, 10, 1, 0.05005F)};
  const DetectionComparison result = compared(expected, found);
  EXPECT_FALSE(result.equal());
  EXPECT_THAT(result.different, SizeIs(1));
  EXPECT_EQ(result.flips(), 0U);
}

TEST(Flips, LimitOfDetections) {
  Detections expected = scene();
  expected.push_back(at(400, 10, 1, 0.60004F));
  Detections found = scene();
  found.push_back(at(400, 400, 2, 0.60001F));
  const DetectionRules rules{.score_threshold = {}, .nms_threshold = {}, .max_detections = 5};
  const DetectionComparison result = compare(expected, found, {}, rules);
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.flips(), 2U);
  EXPECT_EQ(result.missing[0].flip, Flip::kLimit);
  EXPECT_EQ(result.extra[0].flip, Flip::kLimit);

  found.back().score = 0.65F;  // nothing explains that this one came in
  EXPECT_FALSE(compare(expected, found, {}, rules).equal());
}

TEST(Flips, OverlapAtTheNmsThreshold) {
  // IoU of the two is (100 - 33.333) / (100 + 33.333) = 0.50000.
  const Detection strong = at(0, 0, 1, 0.9F);
  const Detection weak = at(33.3335F, 0, 1, 0.6F);
  const DetectionComparison result = compared({strong, weak}, {strong});
  EXPECT_TRUE(result.equal());
  ASSERT_THAT(result.missing, SizeIs(1));
  EXPECT_EQ(result.missing[0].flip, Flip::kOverlap);

  EXPECT_FALSE(compared({strong, at(35, 0, 1, 0.6F)}, {strong}).equal());
  EXPECT_FALSE(compared({strong, at(33.3335F, 0, 2, 0.6F)}, {strong}).equal()) << "other class";
  // A weaker box suppresses nothing, so that the stronger one is missing is a mistake.
  EXPECT_FALSE(compared({strong, weak}, {weak}).equal());
}

TEST(Flips, AFlipExplainsTheNextOne) {
  const Detection strong = at(0, 0, 1, 0.9F);
  const Detection middle = at(33.3335F, 0, 1, 0.6F);
  const Detection last = at(60, 0, 1, 0.3F);  // IoU with the middle one 0.58
  const DetectionComparison result = compared({strong, middle}, {strong, last});
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.flips(), 2U);
  EXPECT_FALSE(compared({strong}, {strong, last}).equal());
}

TEST(Flips, TieOfTwoBoxes) {
  Detections expected = scene();
  Detections found = scene();
  expected.push_back(at(400, 10, 1, 0.600001F));
  found.push_back(at(410, 10, 1, 0.600002F));
  const DetectionComparison result = compared(expected, found);
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.flips(), 2U);
  EXPECT_EQ(result.missing[0].flip, Flip::kTie);

  found.back().score = 0.60003F;
  EXPECT_FALSE(compared(expected, found).equal());
}

TEST(Flips, BoxThatIsALittleOffIsNoTie) {
  Detections found = scene();
  found[2].box[1] += 0.9F;
  const DetectionComparison result = compared(scene(), found);
  EXPECT_FALSE(result.equal());
  EXPECT_EQ(result.flips(), 0U);
}

TEST(Flips, ShiftedBoxesAreNoTies) {
  Detections found = scene();
  for (Detection& one : found) {
    for (float& side : one.box) side += 1;
  }
  const DetectionComparison result = compared(scene(), found);
  EXPECT_FALSE(result.equal());
  EXPECT_THAT(result.different, SizeIs(4));
  EXPECT_EQ(result.flips(), 0U);
  EXPECT_NEAR(result.worst.box, 1, 1e-5);
}

TEST(Precision, WidensTheToleranceToThreeTimesTheRounding) {
  Detections precise = scene();
  precise[2].box[0] += 0.1F;
  Detections found = scene();
  found[2].box[0] -= 0.28F;
  EXPECT_FALSE(compared(scene(), found).equal());
  const DetectionComparison result = compare(scene(), found, {}, kRules, {.precise = &precise});
  EXPECT_TRUE(result.equal());
  EXPECT_NEAR(result.allowed.box, 0.3, 1e-4);
  EXPECT_EQ(result.allowed.score, Tolerance{}.score);
  found[2].box[0] -= 0.04F;
  EXPECT_FALSE(compare(scene(), found, {}, kRules, {.precise = &precise}).equal());
}

TEST(Precision, AnotherBoxIsNotRounding) {
  Detections precise = scene();
  precise[2].box[0] += 5;  // float64 chose another proposal
  Detections found = scene();
  found[1].box[0] += 3;
  found[1].score += 5e-5F;
  const DetectionComparison result = compare(scene(), found, {}, kRules, {.precise = &precise});
  EXPECT_FALSE(result.equal());
  EXPECT_EQ(result.allowed.box, Tolerance{}.box);
}

TEST(Precision, WhatFloat64DecidesOtherwiseIsAFlip) {
  Detections precise = scene();
  precise[3] = at(600, 600, 2, 0.4F);
  const DetectionComparison result = compare(scene(), precise, {}, kRules, {.precise = &precise});
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.flips(), 2U);
  EXPECT_EQ(result.missing[0].flip, Flip::kPrecision);
  EXPECT_EQ(result.extra[0].flip, Flip::kPrecision);
  Detections neither = scene();
  neither[3] = at(700, 700, 2, 0.4F);
  EXPECT_FALSE(compare(scene(), neither, {}, kRules, {.precise = &precise}).equal());
}

TEST(Proposals, WhatHangsOnATieIsAFlip) {
  const Detections unsettled{at(10, 200, 1, 0.8F), at(400, 400, 2, 0.6F)};
  Detections found = scene();
  found.erase(found.begin() + 2);
  EXPECT_FALSE(compared(scene(), found).equal());
  const DetectionComparison one = compare(scene(), found, {}, kRules, {.unsettled = &unsettled});
  EXPECT_TRUE(one.equal());
  ASSERT_THAT(one.missing, SizeIs(1));
  EXPECT_EQ(one.missing[0].flip, Flip::kProposal);
  found.push_back(at(400, 400, 2, 0.6F));
  const DetectionComparison two = compare(scene(), found, {}, kRules, {.unsettled = &unsettled});
  EXPECT_TRUE(two.equal());
  ASSERT_THAT(two.extra, SizeIs(1));
  EXPECT_EQ(two.extra[0].flip, Flip::kProposal);
}

TEST(Proposals, WhatOneOfATieSuppressedIsAFlip) {
  const Detections unsettled{at(10, 200, 1, 0.8F)};
  Detections found = scene();
  found[2] = at(15, 203, 1, 0.6F);
  const DetectionComparison result = compare(scene(), found, {}, kRules, {.unsettled = &unsettled});
  EXPECT_TRUE(result.equal()) << result.reason();
  EXPECT_EQ(result.extra[0].flip, Flip::kOverlap);
  // What it would not have suppressed, it does not explain.
  found[2] = at(15, 203, 2, 0.6F);
  EXPECT_FALSE(compare(scene(), found, {}, kRules, {.unsettled = &unsettled}).equal());
}

TEST(Proposals, ATieExplainsNothingElse) {
  const Detections unsettled{at(400, 400, 2, 0.6F)};
  for (const Detection& other :
       {at(400.1F, 400, 2, 0.6F), at(400, 400, 1, 0.6F), at(400, 400, 2, 0.601F)}) {
    Detections found = scene();
    found.push_back(other);
    EXPECT_FALSE(compare(scene(), found, {}, kRules, {.unsettled = &unsettled}).equal());
  }
  Detections found = scene();
  found.pop_back();
  EXPECT_FALSE(compare(scene(), found, {}, kRules, {.unsettled = &unsettled}).equal());
}

TEST(Iou, OfTouchingAndNestedBoxes) {
  EXPECT_EQ(box_iou({0, 0, 10, 10}, {10, 0, 20, 10}), 0);
  EXPECT_DOUBLE_EQ(box_iou({0, 0, 10, 10}, {0, 0, 10, 5}), 0.5);
  EXPECT_EQ(box_iou({5, 5, 5, 5}, {5, 5, 5, 5}), 0);
}

}  // namespace
}  // namespace tv2onnx
