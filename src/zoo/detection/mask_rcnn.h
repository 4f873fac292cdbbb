#pragma once
// torchvision/models/detection/mask_rcnn.py: Mask R-CNN (arXiv:1703.06870).

#include "tv2onnx/zoo.h"

namespace tv2onnx {

Model maskrcnn_resnet50_fpn();
Model maskrcnn_resnet50_fpn_v2();

}  // namespace tv2onnx
