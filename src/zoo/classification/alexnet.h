#pragma once
// torchvision/models/alexnet.py: AlexNet (arXiv:1404.5997).

#include "tv2onnx/zoo.h"

namespace tv2onnx {

Model alexnet();

}  // namespace tv2onnx
