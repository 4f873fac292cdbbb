#pragma once
// torchvision/models/detection/fcos.py: FCOS (arXiv:1904.01355).

#include "tv2onnx/zoo.h"

namespace tv2onnx {

Model fcos_resnet50_fpn();

}  // namespace tv2onnx
