#pragma once
// torchvision/models/shufflenetv2.py: ShuffleNet V2 (arXiv:1807.11164).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// shufflenet_v2_x0_5, ..., shufflenet_v2_x2_0
std::vector<Model> shufflenets();

}  // namespace tv2onnx
