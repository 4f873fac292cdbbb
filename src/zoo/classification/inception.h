#pragma once
// torchvision/models/inception.py: Inception v3 (arXiv:1512.00567).

#include "tv2onnx/zoo.h"

namespace tv2onnx {

Model inception_v3();

}  // namespace tv2onnx
