#pragma once
// torchvision/models/mobilenetv3.py: MobileNetV3 (arXiv:1905.02244) as classifier.

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// mobilenet_v3_large, mobilenet_v3_small
std::vector<Model> mobilenets_v3();

}  // namespace tv2onnx
