#pragma once
// Colours and sizes that all drawings on photos share.

#include <cstdint>
#include <opencv2/core.hpp>

namespace tv2onnx {

/// Dark, around every line, so that it can be seen on any photo.
inline const cv::Scalar kRim(24, 24, 24);

/// class_colour as OpenCV takes it, RGB.
cv::Scalar colour_of(std::int64_t class_number);

/// Sizes in pixels that suit an image.
struct DrawingStyle {
  int line;
  double letters;  ///< height of a capital
  int padding;

  int rimmed() const;  ///< a line with its rim
};

DrawingStyle style_of(cv::Size size);

}  // namespace tv2onnx
