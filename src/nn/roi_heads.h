#pragma once
// RoIHeads with box branch (torchvision/models/detection/roi_heads.py, arXiv:1506.01497):
// box head, FastRCNNPredictor and the selection of detections.

#include <cstdint>
#include <vector>

#include "nn/boxes.h"
#include "nn/detections.h"
#include "nn/fpn.h"
#include "nn/image_transform.h"
#include "nn/roi_pooler.h"
#include "nn/rpn.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

struct BoxHeadSpec {
  RoiPoolSpec pool;
  BoxWeights weights{10, 10, 5, 5};
  double score_thresh = 0.05;
  double nms_thresh = 0.5;
  std::int64_t detections_per_img = 100;
  double norm_eps = 1e-5;  ///< of heads with batch normalisation
  /// No shape follows from what is found: every proposal is computed to the end.
  bool constant_counts = false;
};

/// Detections in resized pixels. `maps` are the feature maps that boxes are pooled from.
DetectionTable detect_boxes(Scope s, const std::vector<FeatureMap>& maps,
                            const Proposals& proposals, const TransformedImages& images,
                            const BoxHeadSpec& spec);

}  // namespace tv2onnx
