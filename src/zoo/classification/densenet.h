#pragma once
// torchvision/models/densenet.py: DenseNet-BC (arXiv:1608.06993).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// densenet121, densenet161, densenet169, densenet201
std::vector<Model> densenets();

}  // namespace tv2onnx
