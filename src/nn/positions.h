#pragma once
// Positions of the patches of an image, as networks learn them for one size.

#include <cstdint>

#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// interpolate_embeddings of torchvision/models/vision_transformer.py: positions of a square grid
/// of patches for one of another size. Bicubic, the corners stay where they are; the class token,
/// which is the first, keeps its own.
/// \param positions [1, 1 + grid^2, channels]
/// \return [1, 1 + side^2, channels]
Tensor resized_positions(const Tensor& positions, std::int64_t side);

/// The side of the grid of so many tokens, one of which is the class token; 0 if it is no square.
std::int64_t grid_side(std::int64_t tokens);

}  // namespace tv2onnx
