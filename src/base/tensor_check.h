#pragma once
// Whether a tensor that a caller made can be read at all. What the library makes itself always can.

#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// \throws Error R006: a negative or impossible shape, strides of another rank, or elements without
/// data.
void require_readable(const Tensor& tensor);

}  // namespace tv2onnx
