#pragma once
// torchvision/models/resnet.py: ResNet, ResNeXt, Wide ResNet as classifiers.

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

std::vector<Model> resnets();

}  // namespace tv2onnx
