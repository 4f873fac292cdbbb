#pragma once
// heatmaps_to_keypoints (torchvision/models/detection/roi_heads.py) for all boxes at once.

#include "tv2onnx/graph.h"

namespace tv2onnx {

struct Keypoints {
  Value x;       ///< float32 [n, keypoints]
  Value y;       ///< likewise
  Value scores;  ///< likewise: the heatmap's value there
};

/// Where each heatmap is highest, in the pixels of its box. maps are float32
/// [n, keypoints, size, size], n at least 1, before KeypointRCNNPredictor enlarges them `up_scale`
/// times; boxes are [n, 4]. `limit`, int64 [2]: height and width that no box passes, for graphs in
/// which no shape follows from the boxes; absent: the pixels of the largest box are enough.
Keypoints heatmaps_to_keypoints(Value maps, Value boxes, Value limit = {},
                                std::int64_t up_scale = 2);

}  // namespace tv2onnx
