#include "verify/undecided.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;

/// Ten boxes in a row, of which the first `tied` have one score, moved to the right.
Detections row(std::size_t tied, float moved = 0) {
  Detections all;
  for (std::size_t k = 0; k < 10; ++k) {
    const float x = 100 * static_cast<float>(k) + moved;
    const float score = k < tied ? 0.5F : 0.5F - 0.01F * static_cast<float>(k);
    all.push_back({.box = {x, 0, x + 90, 50}, .label = 1, .score = score});
  }
  return all;
}

std::string verdict(const Detections& expected, const Detections& found, bool one_colour = false) {
  return undecided(compare(expected, found, {}), expected, found, one_colour);
}

TEST(Undecided, WhereScoresTie) {
  EXPECT_THAT(verdict(row(6), row(6, 20)),
              HasSubstr("6 of 10 reference scores are tied: which boxes survive is arbitrary"));
  EXPECT_NE(verdict(row(3), row(3, 20)), "");
}

TEST(Undecided, NotWhereAllIsEqual) {
  EXPECT_EQ(verdict(row(10), row(10)), "");
  EXPECT_EQ(verdict({}, {}), "");
}

TEST(Undecided, NotWhereScoresDiffer) {
  EXPECT_EQ(verdict(row(0), row(0, 20)), "");
  EXPECT_EQ(verdict(row(2), row(2, 20)), "") << "a single tie is a flip";
}

TEST(Undecided, NotWhereOnlyOneSideTies) {
  EXPECT_EQ(verdict(row(6), row(0, 20)), "");
  EXPECT_EQ(verdict(row(0), row(6, 20)), "");
}

TEST(Undecided, NotWhereTheCountsDiffer) {
  Detections fewer = row(6, 20);
  fewer.resize(8);
  EXPECT_EQ(verdict(row(6), fewer), "");
  EXPECT_EQ(verdict(row(6), {}), "");
}

TEST(Undecided, WhereRoundingOfPyTorchMovesAThirdAsMany) {
  Detections fewer = row(6, 20);
  fewer.resize(8);
  Detections precise = row(6);
  const auto verdict_beside = [&](const Detections& expected) {
    return undecided(compare(expected, fewer, {}), expected, fewer, false, &precise);
  };
  EXPECT_EQ(verdict_beside(row(6)), "") << "float64 finds what float32 finds";
  for (std::size_t k = 0; k < 4; ++k) precise[k].box = {0, 900, 90, 950};
  EXPECT_THAT(verdict_beside(row(6)), HasSubstr("6 of 10 reference scores are tied"));
  EXPECT_EQ(verdict_beside(row(0)), "") << "scores that differ are no ties";
  EXPECT_THAT(undecided(compare(row(0), fewer, {}), row(0), fewer, true, &precise),
              HasSubstr("one colour"));
}

TEST(Undecided, WhereProposalsTie) {
  Detections other = row(0);
  other[9].box = {0, 900, 90, 950};
  EXPECT_THAT(verdict(row(0), other, true), HasSubstr("9 of 10 detections agree"));
  EXPECT_EQ(verdict(row(0), other, false), "");
  other[8].box = {500, 900, 590, 950};
  EXPECT_EQ(verdict(row(0), other, true), "") << "more than a few proposals explain";
}

TEST(OneColour, OfBytesIsOfPixels) {
  std::vector<std::uint8_t> pixels{9, 9, 9, 9, 9, 8, 1, 2, 3, 1, 2, 3};
  const Tensor images = make_tensor({2, 1, 2, 3}, pixels);
  EXPECT_FALSE(is_one_colour(images, 0));
  EXPECT_TRUE(is_one_colour(images, 1));
}

TEST(OneColour, OfFloatsIsOfPlanes) {
  const Tensor images =
      make_tensor({2, 2, 1, 2}, std::vector<float>{0.5F, 0.5F, 1, 1, 0.5F, 1, 0.5F, 1});
  EXPECT_TRUE(is_one_colour(images, 0));
  EXPECT_FALSE(is_one_colour(images, 1));
}

}  // namespace
}  // namespace tv2onnx
