#include <gtest/gtest.h>

#include "coco/curve.h"
#include "support/errors.h"
#include "tv2onnx/average_precision.h"

namespace tv2onnx {
namespace {

CocoObject object_at(std::int64_t image, double x, double score = 0) {
  return {.image = image, .category = 1, .box = {x, 0, 20, 20}, .area = 400, .score = score};
}

/// Twenty images with an object each.
CocoAnnotations scenes() {
  CocoAnnotations all;
  all.categories = {{1, "cat"}, {2, "dog"}};
  for (std::int64_t k = 0; k < 20; ++k) {
    all.images.push_back({.id = 10 + k, .file_name = {}});
    all.objects.push_back(object_at(10 + k, 5));
  }
  return all;
}

/// All objects, `missed` of them elsewhere.
std::vector<CocoObject> results_with(std::int64_t missed) {
  std::vector<CocoObject> results;
  for (std::int64_t k = 0; k < 20; ++k) {
    results.push_back(object_at(10 + k, k < missed ? 90 : 5, 0.5 + 0.01 * static_cast<double>(k)));
  }
  return results;
}

TEST(CocoDifference, IsThatOfTheScoresAndItsIntervalHoldsIt) {
  const CocoAnnotations truth = scenes();
  const auto worse = results_with(6);
  const auto better = results_with(2);
  const CocoDifference difference = coco_difference(truth, worse, better, CocoKind::kBoxes);
  EXPECT_NEAR(difference.first, *coco_scores(truth, worse, CocoKind::kBoxes).figures[0].value,
              1e-12);
  EXPECT_NEAR(difference.second, *coco_scores(truth, better, CocoKind::kBoxes).figures[0].value,
              1e-12);
  EXPECT_EQ(difference.rounds, 1000U);
  EXPECT_LT(difference.low, difference.second - difference.first);
  EXPECT_GT(difference.high, difference.second - difference.first);
  // Four of twenty images differ; that none of them is drawn is rare, that more are is not.
  EXPECT_GT(difference.low, -1e-9);
  EXPECT_LT(difference.high, 0.5);
  const CocoDifference again = coco_difference(truth, worse, better, CocoKind::kBoxes);
  EXPECT_EQ(difference.low, again.low);
  EXPECT_EQ(difference.high, again.high);
}

TEST(CocoDifference, OfTheSameResultsIsNothing) {
  const CocoAnnotations truth = scenes();
  const auto results = results_with(3);
  const CocoDifference none = coco_difference(truth, results, results, CocoKind::kBoxes);
  EXPECT_EQ(none.low, 0);
  EXPECT_EQ(none.high, 0);
  CocoAnnotations empty = truth;
  empty.objects.clear();
  EXPECT_EQ(testing::code_of([&] { coco_difference(empty, results, results, CocoKind::kBoxes); }),
            "U002");
}

TEST(Curve, AnImageThatCountsTwiceIsTwoImages) {
  const auto matched = [](double score, std::size_t image, bool hit) {
    Matched one{score, 0, image, {}, {}};
    one.hit[0] = hit;
    return one;
  };
  const std::vector<Matched> once{matched(0.9, 0, true), matched(0.8, 1, false),
                                  matched(0.7, 2, true), matched(0.6, 3, true)};
  std::vector<Matched> twice = once;
  twice.push_back(once[1]);
  twice.push_back(once[2]);
  twice.erase(twice.begin() + 3);
  const Curve weighted =
      curve_of(by_score(once, 100), 0, 6, std::vector<std::uint32_t>{1, 2, 2, 0});
  const Curve repeated = curve_of(by_score(twice, 100), 0, 6);
  EXPECT_EQ(weighted.precision, repeated.precision);
  EXPECT_EQ(weighted.recall, repeated.recall);
  EXPECT_NEAR(weighted.recall, 0.5, 1e-12);
}

TEST(CocoScores, CurvesAreWhatApIsTheMeanOf) {
  const CocoAnnotations truth = scenes();
  const CocoScores scores = coco_scores(truth, results_with(5), CocoKind::kBoxes);
  ASSERT_EQ(scores.curves.size(), 10U);
  double sum = 0;
  for (const double one : scores.curves[5].precision) sum += one;
  EXPECT_NEAR(sum / 101, *scores.figures[2].value, 1e-12);
  const std::string svg = precision_recall_svg(scores);
  EXPECT_TRUE(svg.starts_with("<svg "));
  EXPECT_NE(svg.find("IoU 0.50: "), std::string::npos);
  EXPECT_NE(svg.find("mean of IoU 0.50-0.95: "), std::string::npos);
}

/// Two cats and a dog, a crowd of dogs at the right.
CocoAnnotations cats_and_a_dog() {
  CocoAnnotations all;
  all.images = {{.id = 1, .file_name = {}}};
  all.categories = {{1, "cat"}, {2, "dog"}};
  all.objects = {object_at(1, 0), object_at(1, 100), object_at(1, 200), object_at(1, 300)};
  all.objects[2].category = all.objects[3].category = 2;
  all.objects[3].crowd = all.objects[3].ignored = true;
  return all;
}

TEST(CocoPairs, AreRightWrongMissedOrOfNothing) {
  const CocoAnnotations truth = cats_and_a_dog();
  std::vector<CocoObject> results{object_at(1, 201, 0.99), object_at(1, 2, 0.9),
                                  object_at(1, 301, 0.8),  object_at(1, 50, 0.7),
                                  object_at(1, 100, 0.4),  object_at(1, 400, 0.9)};
  results[2].category = 2;
  results[5].category = 7;
  const CocoConfusion confusion =
      coco_confusion(truth, coco_pairs(truth, results, CocoKind::kBoxes));
  // Rows: cat, dog, nothing; columns: cat, dog, missed. Left out are what lies in the crowd, what
  // is not sure, and another category.
  EXPECT_EQ(confusion.counts, (std::vector<std::size_t>{1, 0, 1, 1, 0, 0, 1, 0, 0}));
}

TEST(CocoPairs, ARightResultComesBeforeASurerWrongOne) {
  const CocoAnnotations truth = cats_and_a_dog();
  std::vector<CocoObject> results{object_at(1, 200, 0.9), object_at(1, 203, 0.6)};
  results[1].category = 2;
  const std::vector<CocoPair> pairs = coco_pairs(truth, results, CocoKind::kBoxes);
  ASSERT_EQ(pairs.size(), 4U);  // and two cats are missed
  EXPECT_EQ(pairs[0].truth, &truth.objects[2]);
  EXPECT_EQ(pairs[0].found, &results[1]);
  EXPECT_EQ(pairs[1].truth, nullptr);
}

}  // namespace
}  // namespace tv2onnx
