#include "image/area_resize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <random>

namespace tv2onnx {
namespace {

Tensor noise(int height, int width) {
  std::mt19937 random(static_cast<std::uint32_t>(height * 4099 + width));
  std::vector<std::uint8_t> values(static_cast<std::size_t>(height * width * 3));
  std::ranges::generate(values, [&] { return static_cast<std::uint8_t>(random()); });
  return make_tensor({1, height, width, 3}, std::move(values));
}

std::vector<std::uint8_t> by_opencv(const Tensor& photo, int height, int width) {
  const cv::Mat from(static_cast<int>(photo.shape[1]), static_cast<int>(photo.shape[2]), CV_8UC3,
                     const_cast<std::byte*>(photo.data));
  cv::Mat to;
  cv::resize(from, to, {width, height}, 0, 0, cv::INTER_AREA);
  return {to.datastart, to.dataend};
}

struct Sizes {
  int from_height, from_width, to_height, to_width;
};

void expect_as_opencv(const Sizes& sizes) {
  const Tensor photo = noise(sizes.from_height, sizes.from_width);
  const auto ours = area_resized(photo, sizes.to_height, sizes.to_width);
  const auto theirs = by_opencv(photo, sizes.to_height, sizes.to_width);
  ASSERT_EQ(ours.size(), theirs.size());
  const auto differs = std::ranges::mismatch(ours, theirs).in1 - ours.begin();
  EXPECT_EQ(ours, theirs) << sizes.from_height << "x" << sizes.from_width << " to "
                          << sizes.to_height << "x" << sizes.to_width << ", first at " << differs;
}

TEST(AreaResized, GivesThePixelsOfOpenCv) {
  for (const Sizes& sizes : {Sizes{480, 640, 100, 100},   // smaller by parts of pixels
                             Sizes{480, 640, 171, 256},   // likewise
                             Sizes{480, 640, 240, 320},   // blocks of 2 x 2
                             Sizes{480, 640, 160, 160},   // blocks of 3 x 4
                             Sizes{480, 640, 480, 320},   // one side stays
                             Sizes{480, 640, 480, 640},   // the same size
                             Sizes{48, 64, 375, 1242},    // larger
                             Sizes{48, 64, 96, 128},      // twice as large
                             Sizes{480, 640, 100, 1242},  // one side grows, the other shrinks
                             Sizes{100, 100, 480, 64},    // likewise
                             Sizes{7, 5, 1, 1},           // one pixel
                             Sizes{1, 1, 9, 7}}) {        // of one pixel
    expect_as_opencv(sizes);
  }
}

TEST(AreaResized, GivesThePixelsOfOpenCvInAnySize) {
  std::mt19937 random(5);
  const auto length = [&] { return static_cast<int>(random() % 90) + 1; };
  for (int k = 0; k < 400; ++k) expect_as_opencv({length(), length(), length(), length()});
}

}  // namespace
}  // namespace tv2onnx
