#pragma once
// torchvision/models/mobilenetv2.py: MobileNetV2 (arXiv:1801.04381) as classifier.

#include "tv2onnx/zoo.h"

namespace tv2onnx {

Model mobilenet_v2();

}  // namespace tv2onnx
