#pragma once
// Vision Transformer (torchvision/models/vision_transformer.py).

#include <vector>

#include "tv2onnx/zoo.h"

namespace tv2onnx {

std::vector<Model> vits();

}  // namespace tv2onnx
