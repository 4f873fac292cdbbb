#pragma once
// Outputs of OutputMode::kRaw: what a head gives, in torchvision's layout, with static shapes.

#include <string_view>
#include <vector>

#include "nn/dense_heads.h"

namespace tv2onnx {

/// Declares the outputs cls_logits [1, anchors, classes], bbox_regression [1, anchors, 4] and, of
/// FCOS, bbox_ctrness [1, anchors, 1], and notes in the metadata what the library needs to know
/// besides the settings: the family, and height and width of each map.
void raw_outputs(const std::vector<DensePrediction>& levels, std::string_view family);

}  // namespace tv2onnx
