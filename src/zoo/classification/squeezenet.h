#pragma once
// torchvision/models/squeezenet.py: SqueezeNet (arXiv:1602.07360).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// squeezenet1_0, squeezenet1_1
std::vector<Model> squeezenets();

}  // namespace tv2onnx
