#pragma once
// Label maps as tensors.

#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// \throws Error R006 unless it is contiguous int32 [height, width] with a pixel at least.
void require_labels(const Tensor& labels);

}  // namespace tv2onnx
