// What resized pixels may differ by.

#include "verify/pixel_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "image/photo_resize.h"
#include "run/photo.h"
#include "support/designed_weights.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Tensor noisy(std::int64_t count, std::int64_t height, std::int64_t width) {
  std::vector<std::uint8_t> pixels;
  for (const double value :
       testing::noise("pixels", static_cast<std::size_t>(count * height * width * 3))) {
    pixels.push_back(static_cast<std::uint8_t>(127.5 * (value + 1)));
  }
  return make_tensor({count, height, width, 3}, std::move(pixels));
}

struct FloatPlace {
  std::int64_t first, second;
  float fraction;
};

FloatPlace float_place(std::int64_t pixel, std::int64_t from, std::int64_t to) {
  const float scale = static_cast<float>(from) / static_cast<float>(to);
  const float place = std::max(scale * (static_cast<float>(pixel) + 0.5F) - 0.5F, 0.0F);
  const auto first = std::min(static_cast<std::int64_t>(place), from - 1);
  return {first, std::min(first + 1, from - 1), place - static_cast<float>(first)};
}

/// As torch does it: every number is float32.
Tensor interpolated_in_float(const Tensor& images, std::int64_t height, std::int64_t width) {
  const auto pixels = images.as<std::uint8_t>();
  const auto at = [&](std::int64_t k, std::int64_t y, std::int64_t x, std::int64_t c) {
    return static_cast<float>(pixels[static_cast<std::size_t>(
        ((k * images.shape[1] + y) * images.shape[2] + x) * 3 + c)]);
  };
  std::vector<std::uint8_t> result;
  for (std::int64_t k = 0; k < images.shape[0]; ++k) {
    for (std::int64_t y = 0; y < height; ++y) {
      const FloatPlace row = float_place(y, images.shape[1], height);
      for (std::int64_t x = 0; x < width; ++x) {
        const FloatPlace column = float_place(x, images.shape[2], width);
        for (std::int64_t c = 0; c < 3; ++c) {
          const auto along = [&](std::int64_t line) {
            return (1 - column.fraction) * at(k, line, column.first, c) +
                   column.fraction * at(k, line, column.second, c);
          };
          const float value =
              (1 - row.fraction) * along(row.first) + row.fraction * along(row.second);
          result.push_back(static_cast<std::uint8_t>(std::nearbyint(value)));
        }
      }
    }
  }
  return make_tensor({images.shape[0], height, width, 3}, std::move(result));
}

Tensor changed(const Tensor& pixels, std::size_t at, int by) {
  const auto bytes = pixels.as<std::uint8_t>();
  std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  copy[at] = static_cast<std::uint8_t>(copy[at] + by);
  return make_tensor(pixels.shape, std::move(copy));
}

TEST(PixelDifference, FramesMayFallToEitherSideOfATie) {
  std::size_t ties = 0;
  for (const auto& [from, to] :
       std::vector<std::pair<ImageSize, ImageSize>>{{{150, 200}, {40, 48}},
                                                    {{30, 41}, {64, 96}},
                                                    {{240, 320}, {128, 171}},
                                                    {{9, 7}, {9, 5}},
                                                    {{1, 1}, {3, 4}}}) {
    const Tensor frames = noisy(2, from[0], from[1]);
    const PhotoSpec spec{.resize = {to[0], to[1]}, .crop = {}, .antialias = false};
    const Tensor ours = resized_and_cropped(frames, spec);
    const Tensor theirs = interpolated_in_float(frames, to[0], to[1]);
    const PixelDifference difference = pixel_difference(frames, ours, theirs, spec);
    EXPECT_THAT(difference.reason, IsEmpty());
    EXPECT_LE(difference.most, 1);
    ties += difference.most > 0 ? 1 : 0;
  }
  EXPECT_GT(ties, 0U);
}

TEST(PixelDifference, FramesMayNotDifferOtherwise) {
  const Tensor frames = noisy(2, 150, 200);
  const PhotoSpec spec{.resize = {40, 48}, .crop = {33, 39}, .antialias = false};
  const Tensor ours = resized_and_cropped(frames, spec);
  EXPECT_EQ(beyond_rounding(frames, ours, spec), 0U);
  std::size_t seen = 0;
  constexpr std::size_t kTried = 200;
  for (std::size_t k = 0; k < kTried; ++k) {
    const int by = ours.as<std::uint8_t>()[37 * k] > 127 ? -1 : 1;
    EXPECT_EQ(beyond_rounding(frames, changed(ours, 37 * k, 2 * by), spec), 1U);
    seen += pixel_difference(frames, ours, changed(ours, 37 * k, by), spec).reason.empty() ? 0 : 1;
  }
  EXPECT_GT(seen, kTried * 9 / 10);  // the others are ties
}

TEST(PixelDifference, OtherMethodsAreSeenOnMostPixels) {
  const Tensor frames = noisy(1, 150, 200);
  const PhotoSpec spec{.resize = {40, 48}, .crop = {33, 39}, .antialias = false};
  const auto beyond = [&](const PhotoSpec& other) {
    const Tensor pixels = resized_and_cropped(frames, other);
    return static_cast<double>(beyond_rounding(frames, pixels, spec)) /
           static_cast<double>(pixels.size());
  };
  PhotoSpec smoothed = spec;
  smoothed.antialias = true;
  EXPECT_GT(beyond(smoothed), 0.5);
  PhotoSpec wider = spec;
  wider.resize = {40, 49};
  EXPECT_GT(beyond(wider), 0.5);
}

TEST(PixelDifference, PaddingIsBlack) {
  const Tensor frames = noisy(1, 20, 30);
  const PhotoSpec spec{.resize = {10, 15}, .crop = {13, 18}, .antialias = false};
  const Tensor ours = resized_and_cropped(frames, spec);
  EXPECT_EQ(beyond_rounding(frames, ours, spec), 0U);
  EXPECT_EQ(beyond_rounding(frames, changed(ours, 0, 1), spec), 1U);
}

TEST(PixelDifference, PhotosOfPillowAreTheSameToTheBit) {
  const Tensor photo = noisy(1, 60, 70);
  const PhotoSpec spec{.resize = {32}, .crop = {}};
  const Tensor ours = resized_and_cropped(photo, spec);
  EXPECT_THAT(pixel_difference(photo, ours, ours, spec).reason, IsEmpty());
  const int by = ours.as<std::uint8_t>()[5] > 127 ? -1 : 1;
  const PixelDifference difference = pixel_difference(photo, ours, changed(ours, 5, by), spec);
  EXPECT_EQ(difference.most, 1);
  EXPECT_THAT(difference.reason, HasSubstr("by up to 1 levels"));
  EXPECT_THAT(pixel_difference(photo, photo, ours, spec).reason, HasSubstr("prepared to"));
}

}  // namespace
}  // namespace tv2onnx
