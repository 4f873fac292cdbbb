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

std::string verdict(const Detections& expected, const Detections& found) {
  return undecided(compare(expected, found, {}), expected, found);
}

TEST(Undecided, WhereScoresTie) {
  EXPECT_THAT(verdict(row(6), row(6, 20)), HasSubstr("6 of 10 scores of PyTorch are equal"));
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

}  // namespace
}  // namespace tv2onnx
