#pragma once
// Fully connected layers in 8 bits, whose inputs are quantised by the range that they have in the
// run: nothing has to be measured before.

#include <map>
#include <string>

#include "rewrite/view.h"

namespace tv2onnx {

/// Whether it is one: a Gemm without factors and transposed input, whose bias is a constant.
bool is_layer(const View& view, const OnnxNode& node);

/// \param weights of the layers, by the name of their node, as the Gemm reads them
/// \param most of quantise_weight()
void quantise_products(OnnxModel& model, const std::map<std::string, Tensor>& weights, int most);

}  // namespace tv2onnx
