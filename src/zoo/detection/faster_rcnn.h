#pragma once
// torchvision/models/detection/faster_rcnn.py: Faster R-CNN (arXiv:1506.01497).

#include "tv2onnx/zoo.h"

namespace tv2onnx {

Model fasterrcnn_resnet50_fpn();
Model fasterrcnn_resnet50_fpn_v2();
Model fasterrcnn_mobilenet_v3_large_fpn();
Model fasterrcnn_mobilenet_v3_large_320_fpn();

}  // namespace tv2onnx
