#pragma once
// torchvision/models/detection/retinanet.py: RetinaNet (arXiv:1708.02002).

#include "tv2onnx/zoo.h"

namespace tv2onnx {

Model retinanet_resnet50_fpn();
Model retinanet_resnet50_fpn_v2();

}  // namespace tv2onnx
