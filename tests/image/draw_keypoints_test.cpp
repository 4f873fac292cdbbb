#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/pictures.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

using testing::drawn_in;
using testing::plain;

/// Points in a row, 40 pixels apart.
DrawnKeypoints row_of(std::size_t count, std::int64_t colour = 1) {
  DrawnKeypoints object{{}, colour};
  for (std::size_t k = 0; k < count; ++k) {
    object.points.push_back({20.5F + 40 * static_cast<float>(k), 50.5F});
  }
  return object;
}

TEST(DrawKeypoints, OfAPersonAreJoined) {
  const Tensor drawn = draw_keypoints(plain(100, 720), std::vector<DrawnKeypoints>{row_of(17)});
  // nose to left eye, left ear to left shoulder; the wrists have no bone between them
  EXPECT_GT(drawn_in(drawn, 35, 40, 45, 60), 0);
  EXPECT_GT(drawn_in(drawn, 170, 40, 190, 60), 0);
  EXPECT_EQ(drawn_in(drawn, 0, 0, 720, 40), 0);
}

TEST(DrawKeypoints, OfOthersAreDots) {
  const Tensor drawn = draw_keypoints(plain(100, 720), std::vector<DrawnKeypoints>{row_of(5)});
  for (std::int64_t k = 0; k < 5; ++k) {
    EXPECT_GT(drawn_in(drawn, 17 + 40 * k, 47, 24 + 40 * k, 54), 9) << k;
    EXPECT_EQ(drawn_in(drawn, 30 + 40 * k, 0, 50 + 40 * k, 100), 0) << k;
  }
}

TEST(DrawKeypoints, AnyNumbersAreDrawn) {
  const float infinity = std::numeric_limits<float>::infinity();
  DrawnKeypoints object = row_of(17);
  object.points[0] = {NAN, 1};
  object.points[5] = {infinity, -infinity};
  object.points[6] = {1e30F, 3};
  object.points[7] = {-500, 90000};
  for (const auto& [height, width] : {std::pair{1, 1}, {1, 500}, {500, 1}, {7, 9}}) {
    const Tensor drawn =
        draw_keypoints(plain(height, width), std::vector<DrawnKeypoints>{object, {{}, 2}});
    EXPECT_EQ(drawn.shape, (Shape{1, height, width, 3}));
  }
}

TEST(DrawKeypoints, OnlyImagesAreDrawnOn) {
  EXPECT_THROW(draw_keypoints(make_tensor({1, 3, 4, 4}, std::vector<float>(48)), {}), Error);
}

}  // namespace
}  // namespace tv2onnx
