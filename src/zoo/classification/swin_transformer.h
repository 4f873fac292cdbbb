#pragma once
// Swin Transformer, V1 and V2 (torchvision/models/swin_transformer.py).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

std::vector<Model> swins();

}  // namespace tv2onnx
