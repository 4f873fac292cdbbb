#pragma once
// Fully connected layers in 8 bits, whose inputs are quantised by the range that they have in the
// run: nothing has to be measured before.

#include <map>
#include <string>

#include "rewrite/view.h"

namespace tv2onnx {

/// Whether a value is a float weight, perhaps rearranged on the way to who reads it.
bool is_of_weight(const View& view, std::string value);

/// Whether it is one: a MatMul by a weight, or a Gemm without factors and transposed input, whose
/// bias is a constant.
bool is_layer(const View& view, const OnnxNode& node);

/// \param weights of the layers, by the name of their node, as it reads them: of two axes
/// \param most of quantise_weight()
void quantise_products(OnnxModel& model, const std::map<std::string, Tensor>& weights, int most);

}  // namespace tv2onnx
