#pragma once
// torchvision/models/video/resnet.py: R3D, MC3 and R(2+1)D (arXiv:1711.11248).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// r3d_18, mc3_18, r2plus1d_18
std::vector<Model> video_resnets();

}  // namespace tv2onnx
