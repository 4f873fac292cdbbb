#pragma once
// Boxes as in torchvision/ops/boxes.py and models/detection/_utils.py, one by one and in float32;
// nn/boxes.h has the same for graphs.

#include "run/raw_model.h"
#include "tv2onnx/detector.h"

namespace tv2onnx {

/// BoxCoder.decode_single with its weights.
Corners decoded(const Corners& reference, const Corners& deltas, const Corners& weights);

/// BoxLinearCoder.decode with normalize_by_size.
Corners decoded_distances(const Corners& reference, const Corners& distances);

/// clip_boxes_to_image
Corners clipped(const Corners& box, const ImageSize& size);

/// batched_nms of the candidates: at most `limit` survivors, best first.
Detections suppressed(const Detections& candidates, double iou_threshold, std::size_t limit);

}  // namespace tv2onnx
