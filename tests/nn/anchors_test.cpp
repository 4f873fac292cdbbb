#include "nn/anchors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"
#include "support/golden.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using testing::expect_near;
using testing::Golden;
using ::testing::HasSubstr;
using testing::message_of;

const std::vector<GridSize> kGrids{{12, 16}, {6, 8}, {3, 4}};
constexpr GridSize kImage{92, 121};

DefaultBoxSpec with_steps() {
  return {{{2}, {2, 3}, {}}, {0.07, 0.35, 0.7, 1.05}, std::vector<double>{8, 17, 31}};
}

DefaultBoxSpec with_ratios() {
  return {{{2}, {2, 3}, {3}}, {0.2, 0.2 + (0.95 - 0.2) / 2, 0.95, 1.0}, {}};
}

TEST(Anchors, DefaultBoxesAreThoseOfTorchvision) {
  const Golden golden("dense_parts");
  DefaultBoxSpec large = with_ratios();
  large.scales = {0.5, 0.9, 1.2, 1.3};
  large.clip = false;
  expect_near(default_boxes(with_steps(), kGrids, kImage), golden["boxes.steps"], 0);
  expect_near(default_boxes(with_ratios(), kGrids, kImage), golden["boxes.ratios"], 0);
  expect_near(default_boxes(large, kGrids, kImage), golden["boxes.large"], 0);
}

TEST(Anchors, EachRatioGivesTwoDefaultBoxesMore) {
  EXPECT_THAT(default_boxes_per_cell(with_steps()), ElementsAre(4, 6, 2));
}

TEST(Anchors, DefaultBoxesForOtherMapsAreRefused) {
  EXPECT_THAT(message_of([] {
                default_boxes(with_steps(), {{12, 16}}, kImage);
              }),
              HasSubstr("3 lists of aspect ratios, 4 scales and 3 steps for 1 feature maps"));
}

TEST(Anchors, HalvesAreRoundedToEven) {
  EXPECT_THAT(to_float(cell_anchors({5, 7}, {1.0})), ElementsAre(-2, -2, 2, 2, -4, -4, 4, 4));
}

}  // namespace
}  // namespace tv2onnx
