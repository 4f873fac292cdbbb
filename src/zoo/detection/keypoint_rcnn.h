#pragma once
// torchvision/models/detection/keypoint_rcnn.py: Keypoint R-CNN (arXiv:1703.06870).

#include "tv2onnx/zoo.h"

namespace tv2onnx {

Model keypointrcnn_resnet50_fpn();

}  // namespace tv2onnx
