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

/// The first ones are elsewhere.
Detections moved(Detections list, std::size_t count) {
  for (std::size_t k = 0; k < count; ++k) list[k].box = {0, 900, 90, 950};
  return list;
}

TEST(Undecided, WhereRoundingOfPyTorchMovesAThirdAsMany) {
  const Detections precise = moved(row(6), 4);
  Detections fewer = moved(row(6), 3);
  fewer.resize(8);
  const auto verdict_beside = [&](const Detections& found, const Detections& float64) {
    return undecided(compare(row(6), found, {}), row(6), found, false, &float64);
  };
  EXPECT_THAT(verdict_beside(fewer, precise), HasSubstr("6 of 10 reference scores are tied"));
  EXPECT_EQ(verdict_beside(fewer, row(6)), "") << "float64 finds what float32 finds";
  fewer.resize(7);
  EXPECT_EQ(verdict_beside(fewer, precise), "") << "rounding does not decide most of them";
}

TEST(Undecided, OfOneColourWhereRoundingOfPyTorchMovesAThirdAsMany) {
  const auto verdict_beside = [&](const Detections& found, const Detections& float64) {
    return undecided(compare(row(0), found, {}), row(0), found, true, &float64);
  };
  const Detections precise = moved(row(0), 4);
  EXPECT_THAT(verdict_beside(moved(row(0), 5), precise), HasSubstr("5 of 10 detections agree"));
  EXPECT_EQ(verdict_beside(moved(row(0), 5), row(0)), "");
  EXPECT_EQ(verdict_beside(moved(row(0), 6), precise), "");
  EXPECT_EQ(verdict_beside({}, precise), "") << "a file that finds nothing";
  Detections twice = row(0);
  for (const Detections more = row(0, 2000); const Detection& one : more) twice.push_back(one);
  EXPECT_EQ(verdict_beside(twice, precise), "") << "a file that finds twice as many";
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
