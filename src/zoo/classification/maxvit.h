#pragma once
// MaxViT (torchvision/models/maxvit.py).

#include "tv2onnx/zoo.h"

namespace tv2onnx {

Model maxvit_t();

}  // namespace tv2onnx
