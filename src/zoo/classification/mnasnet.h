#pragma once
// torchvision/models/mnasnet.py: MNASNet-B1 (arXiv:1807.11626).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// mnasnet0_5, ..., mnasnet1_3
std::vector<Model> mnasnets();

}  // namespace tv2onnx
