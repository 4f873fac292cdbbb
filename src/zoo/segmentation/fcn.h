#pragma once
// torchvision/models/segmentation/fcn.py: FCN (arXiv:1411.4038).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// fcn_resnet50, fcn_resnet101
std::vector<Model> fcns();

}  // namespace tv2onnx
