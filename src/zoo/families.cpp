#include "zoo/families.h"

#include <fmt/format.h>

#include <algorithm>

#include "zoo/detection/recognise_rcnn.h"

namespace tv2onnx {
namespace {

/// A family is recognised by keys that all must be there. The first match counts, so the more
/// special one stands higher.
struct Family {
  std::vector<std::string_view> keys;
  std::vector<std::string_view> rows;  ///< of models(), which are then told apart by building them
  std::string_view other = {};         ///< the name of a family without rows
  /// Looks closer, where keys alone do not tell the rows.
  void (*refine)(const Checkpoint& checkpoint, FamilyMatch& match) = nullptr;
};

const std::vector<Family>& families() {
  static const std::vector<Family> table{
      {{"roi_heads.mask_predictor.mask_fcn_logits.weight", "roi_heads.mask_head.0.1.running_mean"},
       {"maskrcnn_resnet50_fpn_v2"}},
      {{"roi_heads.mask_predictor.mask_fcn_logits.weight", "roi_heads.box_head.0.0.weight"},
       {"maskrcnn_resnet50_fpn_v2"}},
      {{"roi_heads.mask_predictor.mask_fcn_logits.weight"}, {"maskrcnn_resnet50_fpn"}},
      {{"roi_heads.keypoint_predictor.kps_score_lowres.weight"}, {"keypointrcnn_resnet50_fpn"}},
      {{"roi_heads.box_predictor.cls_score.weight"}, {}, {}, name_faster_rcnn},
      {{"head.regression_head.bbox_ctrness.weight"}, {"fcos_resnet50_fpn"}},
      {{"head.classification_head.conv.0.1.weight", "head.regression_head.bbox_reg.weight"},
       {"retinanet_resnet50_fpn_v2"}},
      {{"head.classification_head.cls_logits.weight", "head.regression_head.bbox_reg.weight"},
       {"retinanet_resnet50_fpn"}},
      {{"head.classification_head.module_list.0.weight"}, {"ssd300_vgg16"}},
      {{"head.classification_head.module_list.0.1.weight"}, {"ssdlite320_mobilenet_v3_large"}},
      {{"layer1.0.conv1.weight", "fc.weight"}, {}, "a ResNet classifier"},
      {{"features.4.block.2.fc1.weight", "classifier.3.weight"}, {}, "a MobileNetV3 classifier"},
      {{"classifier.weight"}, {}, "a classifier"},
      {{"classifier.1.weight"}, {}, "a classifier"},
      {{"classifier.6.weight"}, {}, "a classifier"},
      {{"layer1.0.conv1.weight"}, {}, "a ResNet backbone without a head"},
  };
  return table;
}

}  // namespace

FamilyMatch match_family(const Checkpoint& checkpoint) {
  const auto present = [&](std::string_view key) { return checkpoint.find(key) != nullptr; };
  const auto family = std::ranges::find_if(families(), [&](const Family& candidate) {
    return std::ranges::all_of(candidate.keys, present);
  });
  FamilyMatch match;
  if (family == families().end()) return match;
  match.rows = family->rows;
  match.other = family->other;
  for (const std::string_view key : family->keys) {
    match.reasons.push_back(fmt::format("has {}", key));
  }
  if (family->refine != nullptr) family->refine(checkpoint, match);
  return match;
}

}  // namespace tv2onnx
