#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/pictures.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

using testing::drawn_in;
using testing::pixel;
using testing::plain;

/// A full rectangle with a hole in its middle.
PixelMask frame(std::int64_t x, std::int64_t y, std::int64_t height, std::int64_t width) {
  std::vector<std::uint8_t> inside;
  for (std::int64_t row = 0; row < height; ++row) {
    for (std::int64_t column = 0; column < width; ++column) {
      const bool hole =
          std::abs(2 * row - height) < height / 2 && std::abs(2 * column - width) < width / 2;
      inside.push_back(hole ? 0 : 1);
    }
  }
  return {x, y, make_tensor({height, width}, std::move(inside))};
}

TEST(DrawMasks, TheInsideIsTranslucentAndTheOutlineInTheColourOfTheClass) {
  const Tensor drawn =
      draw_masks(plain(400, 600), std::vector<DrawnMask>{{frame(100, 50, 200, 300), 5}});
  const std::uint32_t colour = class_colour(5);
  EXPECT_EQ(pixel(drawn, 100, 150), colour);
  EXPECT_EQ(pixel(drawn, 399, 150), colour);
  EXPECT_EQ(pixel(drawn, 250, 50), colour);
  EXPECT_EQ(pixel(drawn, 250, 249), colour);
  const std::uint32_t inside = pixel(drawn, 130, 150);
  for (const unsigned shift : {16U, 8U, 0U}) {
    const auto channel = [shift](std::uint32_t rgb) {
      return static_cast<int>(rgb >> shift & 0xFF);
    };
    const int blended = (128 * 140 + channel(colour) * 115) / 255;
    EXPECT_NEAR(channel(inside), blended, 1);
  }
  EXPECT_EQ(drawn_in(drawn, 185, 110, 315, 190), 0) << "the hole";
  EXPECT_EQ(drawn_in(drawn, 0, 0, 97, 400) + drawn_in(drawn, 403, 0, 600, 400), 0);
}

TEST(DrawMasks, WhatLiesOutsideTheImageIsNotDrawn) {
  const std::vector<DrawnMask> masks{{frame(-20, -10, 40, 50), 1},
                                     {frame(30, 20, 400, 500), 2},
                                     {frame(900, 900, 5, 5), 3},
                                     {{0, 0, make_tensor({0, 0}, std::vector<std::uint8_t>())}, 4}};
  const Tensor drawn = draw_masks(plain(60, 80), masks);
  EXPECT_EQ(drawn.shape, (Shape{1, 60, 80, 3}));
  EXPECT_GT(drawn_in(drawn, 0, 0, 10, 30), 0);
}

TEST(DrawMasks, OnlyImagesAreDrawnOn) {
  EXPECT_THROW(draw_masks(make_tensor({1, 3, 4, 4}, std::vector<float>(48)), {}), Error);
}

}  // namespace
}  // namespace tv2onnx
