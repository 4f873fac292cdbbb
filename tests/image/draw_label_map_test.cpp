#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "support/errors.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kHeight = 120;
constexpr std::int64_t kWidth = 200;
constexpr std::size_t kDepth = 24;  // in IHDR of PNG, and the type of colour behind it

Tensor grey_image() {
  return make_tensor({1, kHeight, kWidth, 3}, std::vector<std::uint8_t>(kHeight * kWidth * 3, 128));
}

/// Class 2 in the left half, 0 else.
Tensor halves() {
  std::vector<std::int32_t> labels(kHeight * kWidth);
  for (std::size_t k = 0; k < labels.size(); ++k) labels[k] = k % kWidth < kWidth / 2 ? 2 : 0;
  return make_tensor({kHeight, kWidth}, std::move(labels));
}

std::vector<int> pixel(const Tensor& image, std::int64_t x, std::int64_t y) {
  const auto bytes = image.as<std::uint8_t>();
  const auto at = static_cast<std::size_t>((y * image.shape[2] + x) * 3);
  return {bytes[at], bytes[at + 1], bytes[at + 2]};
}

std::vector<int> channels_of(std::uint32_t colour) {
  return {static_cast<int>(colour >> 16U), static_cast<int>(colour >> 8U & 255U),
          static_cast<int>(colour & 255U)};
}

TEST(DrawLabelMap, TintsTheClassesOfTheLegendOnly) {
  const std::vector<LegendEntry> legend{{2, "dog 50.0 %"}};
  const Tensor drawn = draw_label_map(grey_image(), halves(), legend);
  EXPECT_NE(pixel(drawn, 40, 60), (std::vector<int>{128, 128, 128}));
  EXPECT_EQ(pixel(drawn, 150, 60), (std::vector<int>{128, 128, 128}));
  EXPECT_EQ(pixel(draw_label_map(grey_image(), halves(), {}), 40, 60),
            (std::vector<int>{128, 128, 128}));
}

/// In a corner of the right half, where no class is hidden.
TEST(DrawLabelMap, TheLegendHidesAsLittleAsItCan) {
  const std::vector<LegendEntry> legend{{2, "dog"}};
  const Tensor drawn = draw_label_map(grey_image(), halves(), legend);
  EXPECT_EQ(pixel(drawn, kWidth - 1, 0), channels_of(class_colour(2)));
}

/// Of a photo of few pixels, and of more classes than there is room for.
TEST(DrawLabelMap, HasRoomForSomeClassesOnly) {
  std::vector<LegendEntry> legend;
  for (int k = 1; k < 200; ++k) legend.push_back({k, "a class with a long name \xC3\xA9"});
  EXPECT_EQ(draw_label_map(grey_image(), halves(), legend).shape, grey_image().shape);
  const Tensor dot = make_tensor({1, 1, 1, 3}, std::vector<std::uint8_t>(3));
  const Tensor label = make_tensor({1, 1}, std::vector<std::int32_t>{1});
  EXPECT_EQ(draw_label_map(dot, label, legend).shape, dot.shape);
}

TEST(DrawLabelMap, RefusesLabelsOfAnotherSize) {
  const Tensor small = make_tensor({2, 2}, std::vector<std::int32_t>(4));
  EXPECT_EQ(testing::code_of([&] { draw_label_map(grey_image(), small, {}); }), "R006");
  const Tensor bytes = make_tensor({kHeight, kWidth}, std::vector<std::uint8_t>(kHeight * kWidth));
  EXPECT_EQ(testing::code_of([&] { draw_label_map(grey_image(), bytes, {}); }), "R006");
}

TEST(EncodeLabelMap, PixelsAreNumbersOfThePalette) {
  const std::vector<std::byte> file = encode_label_map(halves());
  EXPECT_EQ(file[kDepth], std::byte{8});
  EXPECT_EQ(file[kDepth + 1], std::byte{3});
  const Tensor shown = decode_image(file);
  EXPECT_EQ(pixel(shown, 150, 60), (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(pixel(shown, 40, 60), channels_of(class_colour(2)));
}

TEST(EncodeLabelMap, ManyClassesAreGreyOf16Bits) {
  const Tensor labels = make_tensor({2, 3}, std::vector<std::int32_t>{0, 255, 256, 1000, 65535, 7});
  const std::vector<std::byte> file = encode_label_map(labels);
  EXPECT_EQ(file[kDepth], std::byte{16});
  EXPECT_EQ(file[kDepth + 1], std::byte{0});
  const Tensor again = decode_label_map(file);
  EXPECT_EQ(again.shape, labels.shape);
  EXPECT_TRUE(std::ranges::equal(again.as<std::int32_t>(), labels.as<std::int32_t>()));
}

TEST(EncodeLabelMap, RefusesNumbersThatPngCannotHave) {
  for (const std::int32_t number : {-1, 65536}) {
    const Tensor labels = make_tensor({1, 1}, std::vector<std::int32_t>{number});
    EXPECT_EQ(testing::code_of([&] { encode_label_map(labels); }), "R006");
  }
}

TEST(DecodeLabelMap, GivesTheNumbersOfThePalette) {
  const Tensor again = decode_label_map(encode_label_map(halves()));
  EXPECT_EQ(again.shape, halves().shape);
  EXPECT_TRUE(std::ranges::equal(again.as<std::int32_t>(), halves().as<std::int32_t>()));
}

/// The files of decode_test.cpp. Of one bit a pixel is 0 or 1, whatever a viewer shows.
TEST(DecodeLabelMap, TakesNoPictures) {
  const std::string folder = TV2ONNX_SOURCE_DIR "/tests/golden/image/";
  for (const char* name : {"colour.png", "alpha.png", "colour16.png", "grey.jpg", "lossy.webp"}) {
    EXPECT_EQ(testing::code_of([&] { read_label_map(folder + name); }), "I004") << name;
  }
  for (const char* name : {"palette.png", "grey.png", "grey16.png", "bilevel.png"}) {
    const Tensor labels = read_label_map(folder + name);
    EXPECT_EQ(labels.shape.size(), 2U) << name;
  }
  EXPECT_LE(std::ranges::max(read_label_map(folder + "bilevel.png").as<std::int32_t>()), 1);
  EXPECT_GT(std::ranges::max(read_label_map(folder + "grey16.png").as<std::int32_t>()), 255);
  for (const char* name : {"truncated.png", "no_pixels.png", "bad_checksum.png", "huge.png"}) {
    EXPECT_NE(testing::code_of([&] { read_label_map(folder + name); }), "") << name;
  }
}

}  // namespace
}  // namespace tv2onnx
