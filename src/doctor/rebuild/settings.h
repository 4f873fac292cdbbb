#pragma once
// The settings of a detector as its graph has them: thresholds, sizes, anchors. They are found by
// structure; what an exporter or simplifier has computed away is not found.

#include <string>
#include <string_view>
#include <vector>

#include "doctor/rebuild/layers.h"
#include "tv2onnx/setting.h"

namespace tv2onnx::doctor {

/// A setting under the path at which a whole-module checkpoint has it ("roi_heads.nms_thresh").
struct FoundSetting {
  std::string path;
  Setting value;
  const OnnxNode* node = nullptr;  ///< that has it
};
using FoundSettings = std::vector<FoundSetting>;

FoundSettings find_settings(const View& view, const std::vector<Layer>& layers);

/// The nodes that compare scores of detections with the threshold, which is their second input.
std::vector<OnnxNode*> score_comparisons(const View& view);

// ---- parts

/// GeneralizedRCNNTransform.
void find_transform(const View& view, const std::vector<Layer>& layers, FoundSettings& found);
/// RegionProposalNetwork and RoIHeads: thresholds, limits, pooling.
void find_two_stage_selection(const View& view, const std::vector<Layer>& layers,
                              FoundSettings& found);
/// SSD, RetinaNet, FCOS: thresholds and limits.
void find_one_stage_selection(const View& view, FoundSettings& found);
/// AnchorGenerator; `module` is "rpn.anchor_generator" or "anchor_generator".
void find_anchors(const View& view, const std::string& module, FoundSettings& found);
/// DefaultBoxGenerator of SSD.
void find_default_boxes(const View& view, FoundSettings& found);

}  // namespace tv2onnx::doctor
