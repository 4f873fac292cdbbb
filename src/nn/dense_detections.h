#pragma once
// Selection of detections from dense predictions, for a batch and without loops over images,
// levels or classes: postprocess_detections of torchvision's RetinaNet, FCOS and SSD.

#include <cstdint>
#include <vector>

#include "nn/anchors.h"
#include "nn/dense_heads.h"
#include "nn/detections.h"
#include "nn/image_transform.h"

namespace tv2onnx {

struct DenseSpec {
  double score_thresh = 0.05;
  double nms_thresh = 0.5;
  std::int64_t detections_per_img = 300;
  std::int64_t topk_candidates = 1000;  ///< per map (RetinaNet, FCOS) or class (SSD)
};

/// RetinaNet, or FCOS if the predictions have a centerness. Detections are in resized pixels.
/// `base` has the anchors of a cell of each map.
DetectionTable detect_on_anchors(const std::vector<DensePrediction>& levels,
                                 const std::vector<Tensor>& base, const TransformedImages& images,
                                 const DenseSpec& spec);

/// SSD. `boxes` are the default boxes of all levels, float32 [n, 4].
DetectionTable detect_on_default_boxes(const std::vector<DensePrediction>& levels, Tensor boxes,
                                       const TransformedImages& images, const DenseSpec& spec);

}  // namespace tv2onnx
