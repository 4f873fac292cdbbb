// Keypoints as dots; those of persons, which COCO has 17 of, joined to a skeleton.

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <ranges>

#include "image/drawing_style.h"
#include "image/pixels.h"
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

// OpenCV draws with fractions of a pixel.
constexpr int kFractionBits = 4;

using Place = std::array<float, 2>;

/// Whether it can be drawn; OpenCV's coordinates have 32 bits.
bool is_near(const Place& place) {
  constexpr float kFar = 1e6F;
  return std::abs(place[0]) < kFar && std::abs(place[1]) < kFar;  // false for NaN
}

cv::Point fixed_point(const Place& place) {
  // The middle of a pixel is a whole number to OpenCV, and half of one to the detector.
  const auto part = [](float value) {
    return static_cast<int>(std::lround((value - 0.5F) * (1 << kFractionBits)));
  };
  return {part(place[0]), part(place[1])};
}

class Pen {
 public:
  Pen(cv::Mat& pixels, const DrawingStyle& style) : pixels_(pixels), style_(style) {}

  void bones(const DrawnKeypoints& object, const cv::Scalar& colour, int width) {
    for (const auto& [from, to] : kSkeleton) {
      const Place& a = object.points[from];
      const Place& b = object.points[to];
      if (!is_near(a) || !is_near(b)) continue;
      cv::line(pixels_, fixed_point(a), fixed_point(b), colour, width, cv::LINE_AA, kFractionBits);
    }
  }

  void dots(const DrawnKeypoints& object) {
    const int radius = style_.line + (style_.line + 1) / 2;
    for (const Place& place : object.points) {
      if (!is_near(place)) continue;
      dot(place, radius + std::max(1, style_.line / 3), kRim);
      dot(place, radius, colour_of(object.colour));
      dot(place, std::max(1, radius / 2), cv::Scalar::all(255));
    }
  }

 private:
  void dot(const Place& place, int radius, const cv::Scalar& colour) {
    cv::circle(pixels_, fixed_point(place), radius << kFractionBits, colour, cv::FILLED,
               cv::LINE_AA, kFractionBits);
  }

  cv::Mat& pixels_;
  const DrawingStyle& style_;
};

}  // namespace

Tensor draw_keypoints(const Tensor& image, std::span<const DrawnKeypoints> objects) {
  cv::Mat pixels = pixels_of(image).clone();
  const DrawingStyle style = style_of(pixels.size());
  Pen pen(pixels, style);
  for (const DrawnKeypoints& object : objects | std::views::reverse) {
    if (object.points.size() == kPersonPoints) {
      pen.bones(object, kRim, style.rimmed());
      pen.bones(object, colour_of(object.colour), style.line);
    }
    pen.dots(object);
  }
  return tensor_of(std::move(pixels));
}

}  // namespace tv2onnx
