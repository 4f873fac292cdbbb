#pragma once
// Keypoint branch of RoIHeads (torchvision/models/detection/keypoint_rcnn.py, arXiv:1703.06870):
// KeypointRCNNHeads, KeypointRCNNPredictor and keypointrcnn_inference.

#include <vector>

#include "nn/detection_list.h"
#include "nn/heatmaps.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// Keypoints in resized pixels, in the order of the list. `s` is roi_heads, `size` that of the
/// resized images.
Keypoints detect_keypoints(Scope s, const std::vector<FeatureMap>& maps, const DetectionList& list,
                           const RoiPoolSpec& pool, Value size);

/// float32 [n, keypoints, 3]: x, y and visibility 1, with `ratio` [2] (height, width) applied.
Value keypoint_rows(const Keypoints& keypoints, Value ratio);

}  // namespace tv2onnx
