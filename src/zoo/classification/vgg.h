#pragma once
// torchvision/models/vgg.py: VGG (arXiv:1409.1556).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// vgg11, vgg11_bn, ..., vgg19_bn
std::vector<Model> vggs();

}  // namespace tv2onnx
