#include "zoo/detection/rcnn.h"

#include <algorithm>
#include <iterator>

#include "tv2onnx/error.h"
#include "zoo/detection/backbone.h"
#include "zoo/detection/options.h"

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

std::vector<Option> rcnn_options(std::vector<Option> transform, std::vector<Option> rpn) {
  std::vector<Option> all = std::move(transform);
  std::ranges::move(rpn, std::back_inserter(all));
  std::ranges::move(box_head_options({"0", "1", "2", "3"}), std::back_inserter(all));
  std::ranges::move(norm_options(1e-5), std::back_inserter(all));
  return all;
}

std::vector<Option> resnet_rcnn_options() {
  const std::vector<double> ratios{0.5, 1.0, 2.0};
  const AnchorSpec anchors{{{32}, {64}, {128}, {256}, {512}},
                           {ratios, ratios, ratios, ratios, ratios}};
  return rcnn_options(transform_options(800, 1333), rpn_options(anchors, 1000, 0.0));
}

TwoStage two_stage(Scope s, const Config& config, const BuildOptions& options) {
  if (options.outputs == OutputMode::kRaw) refuse_raw();
  const std::int64_t channels = image_channels(s / "backbone");
  const TransformSpec transform = transform_spec(config, options.torchvision, channels);
  const Value input = detector_input(s.graph(), options.input, options.bgr, channels);
  const TransformedImages images = transform_images(input, transform);
  const std::vector<FeatureMap> levels = backbone_maps(s / "backbone", images.x, config);
  const Proposals proposals = region_proposals(s / "rpn", levels, images, rpn_spec(config));
  const DetectionTable table =
      detect_boxes(s / "roi_heads", pooled_maps(levels, config, "box_roi_pool"), proposals, images,
                   box_head_spec(config));
  return {images, levels, table};
}

}  // namespace tv2onnx
