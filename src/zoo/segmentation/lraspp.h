#pragma once
// torchvision/models/segmentation/lraspp.py: LR-ASPP (arXiv:1905.02244).

#include "tv2onnx/zoo.h"

namespace tv2onnx {

Model lraspp_mobilenet_v3_large();

}  // namespace tv2onnx
