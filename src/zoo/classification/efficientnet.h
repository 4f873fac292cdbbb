#pragma once
// torchvision/models/efficientnet.py: EfficientNet (arXiv:1905.11946), V2 (arXiv:2104.00298).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// efficientnet_b0, ..., efficientnet_b7, efficientnet_v2_s, efficientnet_v2_m, efficientnet_v2_l
std::vector<Model> efficientnets();

}  // namespace tv2onnx
