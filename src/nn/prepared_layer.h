#pragma once
// Layers that were trained as if they were of integers (torch.ao.quantization.prepare_qat), and
// what torch makes of them when it converts the model.

#include <vector>

#include "nn/quantised_weight.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

struct PreparedLayer {
  QuantisedWeight weight = {};
  std::vector<float> bias = {};  ///< empty: there is none
};

bool is_prepared(Scope s);

/// The layer's weight and bias with its normalisation `bn`, if it has one, folded in, rounded as
/// `weight_fake_quant` says.
PreparedLayer prepared_layer(Scope s, const Shape& shape, double norm_eps);

}  // namespace tv2onnx
