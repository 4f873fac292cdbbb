#include "zoo/detection/retinanet.h"

#include <cmath>

#include "nn/computed_parts.h"
#include "nn/dense_heads.h"
#include "zoo/detection/one_stage.h"
#include "zoo/detection/options.h"

namespace tv2onnx {
namespace {

constexpr DenseSpec kRetinaNetStandard{
    .score_thresh = 0.05, .nms_thresh = 0.5, .detections_per_img = 300, .topk_candidates = 1000};

/// _default_anchorgen: three sizes per octave, cut to integers.
AnchorSpec retinanet_anchors() {
  AnchorSpec anchors;
  for (const double size : {32, 64, 128, 256, 512}) {
    anchors.sizes.push_back({size, std::floor(size * std::pow(2.0, 1.0 / 3)),
                             std::floor(size * std::pow(2.0, 2.0 / 3))});
    anchors.aspect_ratios.push_back({0.5, 1.0, 2.0});
  }
  return anchors;
}

std::vector<Option> options() {
  return joined({declare_options(TransformSettings{}),
                 declare_options(retinanet_anchors(), anchor_place()),
                 declare_options(kRetinaNetStandard), declare_options(NormSettings{})});
}

void build_retinanet(Scope s, const Config& config, const BuildOptions& options) {
  computes_with_box_coder(s, ModuleKind::kRetinaNet, {1, 1, 1, 1});
  build_with(retinanet_head, "retinanet", s, config, options);
}

}  // namespace

Model retinanet_resnet50_fpn() {
  return {.name = "retinanet_resnet50_fpn",
          .description = "RetinaNet, ResNet-50 with FPN",
          .options = options(),
          .build = build_retinanet,
          .outputs = detection_outputs(),
          .background = false};
}

Model retinanet_resnet50_fpn_v2() {
  return {.name = "retinanet_resnet50_fpn_v2",
          .description =
              "RetinaNet, ResNet-50 with FPN, improved: normalised heads, P6 from the "
              "backbone",
          .options = options(),
          .build = build_retinanet,
          .outputs = detection_outputs(),
          .background = false};
}

}  // namespace tv2onnx
