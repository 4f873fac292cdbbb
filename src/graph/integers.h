#pragma once
// Arithmetic on constants that describe shapes and indices: int64 tensors of rank 0 or 1.

#include <optional>
#include <string_view>
#include <vector>

#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// What an operator makes of int64 tensors of rank 0 or 1: Add, Sub, Mul, Div, Concat, Gather,
/// Squeeze and Unsqueeze, whose axes may be an input or not. Nothing for other operators, for
/// results of a higher rank and for those that are undefined: the runtime may say so.
std::optional<Tensor> evaluate_integers(std::string_view op, const std::vector<Tensor>& inputs);

}  // namespace tv2onnx
