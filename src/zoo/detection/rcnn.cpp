#include "zoo/detection/rcnn.h"

#include "nn/module_kinds.h"
#include "tv2onnx/error.h"
#include "zoo/detection/backbone.h"
#include "zoo/detection/portable.h"

namespace tv2onnx {
namespace {

[[noreturn]] void refuse_raw() {
  throw Error({.code = "U002",
               .found = "raw outputs of a model with two stages",
               .where = {.item = "--outputs raw"},
               .expected = "a model with one stage: RetinaNet, FCOS, SSD or SSDlite. The second "
                           "stage of an R-CNN works on boxes that are only known when the first "
                           "one is decoded and selected, so no graph with fixed shapes has both",
               .hint = "--outputs fixed gives R-CNNs a fixed number of rows in ONNX Runtime"});
}

}  // namespace

std::vector<Option> rcnn_options(const TransformSettings& transform, const RpnSpec& rpn) {
  return joined({declare_options(transform), declare_options(rpn),
                 declare_options(RoiPoolSettings{}, place_of_pool("box_roi_pool")),
                 declare_options(BoxHeadSpec{}), declare_options(NormSettings{})});
}

std::vector<Option> resnet_rcnn_options(const TransformSettings& transform) {
  const std::vector<double> ratios{0.5, 1.0, 2.0};
  return rcnn_options(transform, {.anchors = {{{32}, {64}, {128}, {256}, {512}},
                                              {ratios, ratios, ratios, ratios, ratios}}});
}

TwoStage two_stage(Scope s, const Config& config, const BuildOptions& options) {
  if (options.outputs == OutputMode::kRaw) refuse_raw();
  require_portable(config, options);
  const std::int64_t channels = image_channels(s / "backbone", options);
  const TransformSpec transform = transform_spec(config, options, channels);
  const Value input = detector_input(s.graph(), input_mode(options, Task::kDetection), options.bgr,
                                     channels, image_shape(options));
  s.computes(ModuleKind::kRcnn);
  (s / "transform").computes(ModuleKind::kTransform);
  const TransformedImages images = transform_images(input, transform);
  const std::vector<FeatureMap> levels = backbone_maps(s / "backbone", images.x, config, options);
  RpnSpec rpn = rpn_spec(config);
  BoxHeadSpec box_head = box_head_spec(config);
  rpn.constant_counts = box_head.constant_counts = options.detection.portable;
  const Proposals proposals = region_proposals(s / "rpn", levels, images, rpn);
  const DetectionTable table = detect_boxes(
      s / "roi_heads", pooled_maps(levels, config, "box_roi_pool"), proposals, images, box_head);
  return {images, levels, table};
}

}  // namespace tv2onnx
