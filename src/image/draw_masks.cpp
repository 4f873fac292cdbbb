// Masks that let the photo shine through, with an outline that stays visible where others overlap.

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <ranges>

#include "image/drawing_style.h"
#include "image/pixels.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

constexpr int kOpacity = 115;  // of 255

/// The mask as OpenCV sees it, not to be written to.
cv::Mat matrix_of(const PixelMask& mask) {
  return {static_cast<int>(mask.inside.shape[0]), static_cast<int>(mask.inside.shape[1]), CV_8UC1,
          const_cast<std::byte*>(mask.inside.data)};
}

cv::Rect rectangle_of(const PixelMask& mask) {
  return {static_cast<int>(mask.x), static_cast<int>(mask.y),
          static_cast<int>(mask.inside.shape[1]), static_cast<int>(mask.inside.shape[0])};
}

void fill(cv::Mat& pixels, const PixelMask& mask, const cv::Scalar& colour) {
  const cv::Mat inside = matrix_of(mask);
  const cv::Rect place = rectangle_of(mask);
  const cv::Rect visible = place & cv::Rect({}, pixels.size());
  for (int y = visible.y; y < visible.br().y; ++y) {
    for (int x = visible.x; x < visible.br().x; ++x) {
      if (inside.at<std::uint8_t>(y - place.y, x - place.x) == 0) continue;
      auto& pixel = pixels.at<cv::Vec3b>(y, x);
      for (int c = 0; c < 3; ++c) {
        pixel[c] = static_cast<std::uint8_t>(
            (pixel[c] * (255 - kOpacity) + static_cast<int>(colour[c]) * kOpacity) / 255);
      }
    }
  }
}

void outline(cv::Mat& pixels, const PixelMask& mask, const cv::Scalar& colour,
             const DrawingStyle& style) {
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(matrix_of(mask), contours, cv::RETR_CCOMP, cv::CHAIN_APPROX_SIMPLE,
                   rectangle_of(mask).tl());
  cv::drawContours(pixels, contours, -1, kRim, style.rimmed(), cv::LINE_AA);
  cv::drawContours(pixels, contours, -1, colour, style.line, cv::LINE_AA);
}

}  // namespace

Tensor draw_masks(const Tensor& image, std::span<const DrawnMask> masks) {
  cv::Mat pixels = pixels_of(image).clone();
  const DrawingStyle style = style_of(pixels.size());
  for (const DrawnMask& drawn : masks | std::views::reverse) {
    fill(pixels, drawn.mask, colour_of(drawn.colour));
  }
  for (const DrawnMask& drawn : masks | std::views::reverse) {
    if (drawn.mask.inside.size() == 0) continue;
    outline(pixels, drawn.mask, colour_of(drawn.colour), style);
  }
  return tensor_of(std::move(pixels));
}

}  // namespace tv2onnx
