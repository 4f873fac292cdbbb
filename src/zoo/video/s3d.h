#pragma once
// torchvision/models/video/s3d.py: S3D (arXiv:1712.04851).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// s3d
std::vector<Model> s3ds();

}  // namespace tv2onnx
