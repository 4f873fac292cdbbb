#pragma once
// Mask branch of RoIHeads (torchvision/models/detection/mask_rcnn.py, arXiv:1703.06870):
// MaskRCNNHeads, MaskRCNNPredictor and maskrcnn_inference.

#include <vector>

#include "nn/detection_list.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// Probabilities that the points of a box belong to the detected object, float32
/// [n, 1, size, size] in the order of the list. `s` is roi_heads.
Value detect_masks(Scope s, const std::vector<FeatureMap>& maps, const DetectionList& list,
                   const RoiPoolSpec& pool);

}  // namespace tv2onnx
