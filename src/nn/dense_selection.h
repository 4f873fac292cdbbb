#pragma once
// What the selection of RetinaNet, FCOS and SSD has in common: candidates in torchvision's order,
// and the best of those that survive non-maximum suppression.

#include <cstdint>

#include "graph/ops.h"
#include "nn/dense_detections.h"
#include "nn/detections.h"

namespace tv2onnx {

inline constexpr double kNoScore = -1;  ///< of what is no candidate; scores are probabilities

/// What goes into non-maximum suppression, in torchvision's order, which decides between equals.
struct Candidates {
  Value boxes;   ///< float32 [batch, count, 4]
  Value scores;  ///< float32 [batch, count]; kNoScore where there is no candidate
  Value labels;  ///< int64 [batch, count]
  std::int64_t count = 0;
};

/// Which scores are of candidates.
Value is_candidate(Value scores);

/// Settings of non-maximum suppression that leave out what is no candidate.
NmsSpec nms_spec(const DenseSpec& spec);

/// [batch, anchors * columns, h, w] of each map -> [batch, anchors of all maps, columns]
Value rows_of(const std::vector<DensePrediction>& levels, Value DensePrediction::*map,
              std::int64_t columns);

/// The best of the candidates that survived: `kept` [batch, count] has their scores, and kNoScore
/// of the others.
DetectionTable best_detections(const Candidates& c, Value kept, const DenseSpec& spec);

}  // namespace tv2onnx
