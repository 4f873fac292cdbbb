#pragma once
// torchvision/models/video/swin_transformer.py: Swin Transformer of clips (arXiv:2106.13230).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// swin3d_t, swin3d_s, swin3d_b
std::vector<Model> swins_3d();

}  // namespace tv2onnx
