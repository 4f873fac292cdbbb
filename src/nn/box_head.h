#pragma once
// TwoMLPHead and FastRCNNConvFCHead (torchvision/models/detection/faster_rcnn.py): from pooled
// boxes to the features that FastRCNNPredictor takes.

#include "nn/roi_pooler.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// [rows, features], in the order of `pooled`. The kind of the head, the number of its layers and
/// whether its convolutions are normalised are what the weights say.
Value box_head(Scope s, const PooledRois& pooled, double norm_eps);

}  // namespace tv2onnx
