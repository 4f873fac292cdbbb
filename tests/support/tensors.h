#pragma once
// Tensors of tests and what is expected of them.

#include <string>
#include <vector>

#include "onnx/model.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx::testing {

/// float32, evenly distributed; the same seed gives the same numbers everywhere.
Tensor random_tensor(Shape shape, float low, float high, unsigned seed);

/// Same shape, and every element within `tolerance` (absolute, and relative above 1).
void expect_near(const Tensor& found, const Tensor& wanted, float tolerance);

/// Operators of the nodes, in order.
std::vector<std::string> operators(const OnnxModel& model);

}  // namespace tv2onnx::testing
