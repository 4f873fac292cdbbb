#pragma once
// torchvision/models/segmentation/deeplabv3.py: DeepLabV3 (arXiv:1706.05587).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// deeplabv3_resnet50, deeplabv3_resnet101, deeplabv3_mobilenet_v3_large
std::vector<Model> deeplabs_v3();

}  // namespace tv2onnx
