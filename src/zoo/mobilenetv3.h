#pragma once
// torchvision/models/mobilenetv3.py: MobileNetV3 (arXiv:1905.02244), as backbone.

#include <string>
#include <vector>

#include "nn/fpn.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// True if the weights of `body` are those of the `features` of a MobileNetV3.
bool is_mobilenet_v3(Scope body);

/// The outputs of all layers under their numbers, as many as the weights are for. Channel counts
/// are the file's, so a reduced tail or another width needs no option.
std::vector<FeatureMap> mobilenet_v3_maps(Scope body, Value x, double norm_eps);

/// The same; with torchvision's `dilated`, the last three blocks dilate their depthwise convolution
/// instead of halving the map.
std::vector<FeatureMap> dilated_mobilenet_v3_maps(Scope body, Value x, double norm_eps,
                                                  bool dilated);

/// "MobileNetV3-Large" or "MobileNetV3-Small"
std::string mobilenet_v3_name(Scope body);

/// The maps of SSDlite, which cuts MobileNetV3-Large within layer 13, behind the expansion (stride
/// 16), and takes the end of both parts, features.0 and features.1.
std::vector<FeatureMap> mobilenet_v3_large_split(Scope features, Value x, double norm_eps);

}  // namespace tv2onnx
