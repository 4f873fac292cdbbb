#pragma once
// torchvision/models/mobilenetv3.py: MobileNetV3 (arXiv:1905.02244), as backbone.

#include <vector>

#include "nn/fpn.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// The two feature maps that the detectors take from MobileNetV3-Large: layers 13 and 16, both of
/// stride 32. Channel counts are the file's, so a reduced tail or another width needs no option.
std::vector<FeatureMap> mobilenet_v3_large_maps(Scope body, Value x, double norm_eps);

/// The maps of SSDlite, which cuts MobileNetV3-Large within layer 13, behind the expansion (stride
/// 16), and takes the end of both parts, features.0 and features.1.
std::vector<FeatureMap> mobilenet_v3_large_split(Scope features, Value x, double norm_eps);

}  // namespace tv2onnx
