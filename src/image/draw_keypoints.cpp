// Keypoints as dots; those of persons, which COCO has 17 of, joined to a skeleton.

#include <algorithm>
#include <array>
#include <cmath>
#include <ranges>

#include "image/drawing_style.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

// nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; of pairs the left one first
constexpr std::size_t kPersonPoints = 17;
using Bone = std::array<std::size_t, 2>;
constexpr std::array<Bone, 19> kSkeleton{{{15, 13},
                                          {13, 11},
                                          {16, 14},
                                          {14, 12},
                                          {11, 12},
                                          {5, 11},
                                          {6, 12},
                                          {5, 6},
                                          {5, 7},
                                          {6, 8},
                                          {7, 9},
                                          {8, 10},
                                          {1, 2},
                                          {0, 1},
                                          {0, 2},
                                          {1, 3},
                                          {2, 4},
                                          {3, 5},
                                          {4, 6}}};

/// Whether it can be drawn; AGG's coordinates have 32 bits.
bool is_near(const std::array<float, 2>& place) {
  constexpr float kFar = 1e6F;
  return std::abs(place[0]) < kFar && std::abs(place[1]) < kFar;  // false for NaN
}

void draw_bones(const Pixels& pixels, const DrawnKeypoints& object, int width, const Rgb& colour) {
  for (const auto& [from, to] : kSkeleton) {
    const auto& a = object.points[from];
    const auto& b = object.points[to];
    if (!is_near(a) || !is_near(b)) continue;
    draw_line(pixels, {a[0], a[1]}, {b[0], b[1]}, width, colour);
  }
}

void draw_dots(const Pixels& pixels, const DrawnKeypoints& object, const DrawingStyle& style) {
  const double radius = 1.5 * style.line - 1;
  for (const auto& point : object.points) {
    if (!is_near(point)) continue;
    const Place centre{point[0], point[1]};
    draw_disc(pixels, centre, radius + std::max(1, style.line / 3), kRim);
    draw_disc(pixels, centre, radius, colour_of(object.colour));
    draw_disc(pixels, centre, radius / 2, {255, 255, 255});
  }
}

}  // namespace

Tensor draw_keypoints(const Tensor& image, std::span<const DrawnKeypoints> objects) {
  Pixels pixels = copied_pixels(image);
  const DrawingStyle style = style_of(pixels);
  for (const DrawnKeypoints& object : objects | std::views::reverse) {
    if (object.points.size() == kPersonPoints) {
      draw_bones(pixels, object, style.rimmed(), kRim);
      draw_bones(pixels, object, style.line, colour_of(object.colour));
    }
    draw_dots(pixels, object, style);
  }
  return tensor_of(std::move(pixels));
}

}  // namespace tv2onnx
