#pragma once
// torchvision/models/regnet.py: RegNetX, RegNetY (arXiv:2003.13678).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// regnet_x_400mf, ..., regnet_y_128gf
std::vector<Model> regnets();

}  // namespace tv2onnx
