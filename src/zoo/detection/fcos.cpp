#include "zoo/detection/fcos.h"

#include "nn/dense_heads.h"
#include "nn/module_kinds.h"
#include "zoo/detection/one_stage.h"
#include "zoo/detection/options.h"

namespace tv2onnx {
namespace {

constexpr DenseSpec kFcosStandard{
    .score_thresh = 0.2, .nms_thresh = 0.6, .detections_per_img = 100, .topk_candidates = 1000};

/// One anchor per cell, as large as the cell: its centre is the point of the paper.
AnchorSpec fcos_anchors() {
  AnchorSpec anchors;
  for (const double size : {8, 16, 32, 64, 128}) {
    anchors.sizes.push_back({size});
    anchors.aspect_ratios.push_back({1.0});
  }
  return anchors;
}

void build_fcos(Scope s, const Config& config, const BuildOptions& options) {
  s.computes(
      ModuleKind::kFcos,
      {{"box_coder.__class__", {std::string("torchvision.models.detection._utils.BoxLinearCoder")}},
       {"box_coder.normalize_by_size", {true}}});
  build_with(fcos_head, "fcos", s, config, options);
}

}  // namespace

Model fcos_resnet50_fpn() {
  return {.name = "fcos_resnet50_fpn",
          .description = "FCOS, ResNet-50 with FPN",
          .options = joined({declare_options(TransformSettings{}),
                             declare_options(fcos_anchors(), anchor_place()),
                             declare_options(kFcosStandard), declare_options(NormSettings{})}),
          .build = build_fcos,
          .outputs = detection_outputs(),
          .background = false};
}

}  // namespace tv2onnx
