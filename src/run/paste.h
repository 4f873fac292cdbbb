#pragma once
// Stretching the probabilities of a mask over the part of the image that they show.

#include <array>
#include <cstdint>
#include <vector>

#include "tv2onnx/masks.h"

namespace tv2onnx {

/// The part of a pasted mask that lies in the image.
struct Patch {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<float> values;  ///< row by row
};

/// As paste_mask, without the zeros around.
Patch paste_patch(const Tensor& probabilities, const std::array<float, 4>& box,
                  const ImageSize& size);

}  // namespace tv2onnx
