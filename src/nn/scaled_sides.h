#pragma once
// The size that an image is resized to, in whole numbers: no runtime needs double precision for it.

#include "nn/image_transform.h"

namespace tv2onnx {

/// Wanted sizes up to here, whole ones, and images of sides below 2^29 pixels: what is computed
/// then is exact and fits into int64.
inline constexpr std::int64_t kLargestWantedSize = std::int64_t{1} << 20;

/// floor(side * scale) as torchvision's double arithmetic has it; the scale is the smaller one of
/// min_size / shorter and max_size / longer. int64 [2], in `sides` and in the result.
Value scaled_sides(Value sides, const TransformSpec& spec);

}  // namespace tv2onnx
