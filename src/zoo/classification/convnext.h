#pragma once
// torchvision/models/convnext.py: ConvNeXt (arXiv:2201.03545).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// convnext_tiny, ..., convnext_large
std::vector<Model> convnexts();

}  // namespace tv2onnx
