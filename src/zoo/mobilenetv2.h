#pragma once
// torchvision/models/mobilenetv2.py: MobileNetV2 (arXiv:1801.04381), as backbone.

#include <vector>

#include "nn/fpn.h"
#include "nn/layers.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// True if the weights of `body` are those of the `features` of a MobileNetV2.
bool is_mobilenet_v2(Scope body);

/// The outputs of all layers under their numbers, as many as the weights are for. Channel counts
/// are the file's.
std::vector<FeatureMap> mobilenet_v2_maps(Scope body, Value x, double norm_eps);
/// With another activation than ReLU6.
std::vector<FeatureMap> mobilenet_v2_maps(Scope body, Value x, Activation activation,
                                          double norm_eps);

}  // namespace tv2onnx
