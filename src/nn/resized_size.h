#pragma once
// The size that torchvision resizes an image to, as a number. For images of any size the graph
// computes the same with operators (nn/scaled_sides.cpp).

#include <array>
#include <cstdint>

#include "nn/image_transform.h"

namespace tv2onnx {

/// Height and width.
std::array<std::int64_t, 2> resized_size(const std::array<std::int64_t, 2>& size,
                                         const TransformSpec& spec);

}  // namespace tv2onnx
