#pragma once
// Colours and sizes that all drawings on photos share.

#include <cstdint>

#include "image/shapes.h"

namespace tv2onnx {

/// Dark, around every line, so that it can be seen on any photo.
inline constexpr Rgb kRim{24, 24, 24};

/// class_colour, taken apart.
Rgb colour_of(std::int64_t class_number);

/// Sizes in pixels that suit an image.
struct DrawingStyle {
  int line;
  double letters;  ///< height of a capital
  int padding;

  int rimmed() const;  ///< a line with its rim
};

DrawingStyle style_of(const Pixels& image);

}  // namespace tv2onnx
