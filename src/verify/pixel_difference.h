#pragma once
// Photos and frames as two sides prepare them for a network.

#include <cstddef>
#include <string>

#include "tv2onnx/nn.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// How two uint8 [..., height, width, channels] differ.
struct PixelDifference {
  double most = 0;     ///< in levels
  double share = 0;    ///< of pixels that differ
  std::string reason;  ///< why that is too much, or ""
};

/// Pillow's pixels are whole numbers of whole numbers: both sides must have the same. Without
/// antialiasing torch interpolates in float32, and rounds ties to either side: each pixel of each
/// side must be the exact value, rounded, as far as float32 can tell.
/// \param images uint8 [n, height, width, channels] or float32 [n, channels, height, width] before
/// the preparation
PixelDifference pixel_difference(const Tensor& images, const Tensor& found, const Tensor& expected,
                                 const PhotoSpec& spec);

/// How many numbers of the pixels are not what bilinear interpolation without antialiasing gives
/// for the images, in exact numbers or with the errors of float32. \param images uint8
std::size_t beyond_rounding(const Tensor& images, const Tensor& pixels, const PhotoSpec& spec);

}  // namespace tv2onnx
