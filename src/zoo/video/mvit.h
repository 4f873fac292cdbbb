#pragma once
// torchvision/models/video/mvit.py: MViT v1 and v2 (arXiv:2104.11227, arXiv:2112.01526).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// mvit_v1_b, mvit_v2_s
std::vector<Model> mvits();

}  // namespace tv2onnx
