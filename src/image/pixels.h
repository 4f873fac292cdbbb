#pragma once
// Pixels while they are decoded or drawn on, and tensors of them.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tv2onnx/image.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// RGB of 8 bits, rows from top to bottom without gaps. Copies share the pixels.
struct Pixels {
  int width = 0;
  int height = 0;
  std::shared_ptr<std::uint8_t> rgb;

  std::size_t row_bytes() const { return static_cast<std::size_t>(width) * 3; }
  std::size_t byte_size() const { return row_bytes() * static_cast<std::size_t>(height); }
  std::uint8_t* at(int x, int y) const {
    return rgb.get() + static_cast<std::size_t>(y) * row_bytes() + static_cast<std::size_t>(x) * 3;
  }
};

/// Of any content.
Pixels make_pixels(int width, int height);

/// \throws Error R006 if it is no contiguous uint8 [1, height, width, 3], or empty.
void check_image(const Tensor& image);
/// \throws Error R006 if it is no contiguous uint8 [height, width], or out of reach.
void check_mask(const PixelMask& mask);

/// A copy of an image to draw on. \throws Error R006 for other tensors.
Pixels copied_pixels(const Tensor& image);

/// A tensor that shares and keeps the pixels.
Tensor tensor_of(Pixels pixels);

}  // namespace tv2onnx
