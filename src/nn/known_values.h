#pragma once
// Values of tensors in layers that change them while building.

#include <vector>

#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// Zeros where only shapes are known, as while a model is recognised by its keys.
std::vector<float> known_values(const Tensor& tensor);

}  // namespace tv2onnx
