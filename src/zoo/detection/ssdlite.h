#pragma once
// torchvision/models/detection/ssdlite.py: SSDlite (arXiv:1801.04381).

#include "tv2onnx/zoo.h"

namespace tv2onnx {

Model ssdlite320_mobilenet_v3_large();

}  // namespace tv2onnx
