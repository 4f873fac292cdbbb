#include "zoo/detection/one_stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "nn/computed_parts.h"
#include "nn/detections.h"
#include "nn/raw_outputs.h"
#include "tv2onnx/error.h"
#include "zoo/detection/backbone.h"
#include "zoo/detection/portable.h"
#include "zoo/detection/raw_input.h"

namespace tv2onnx {
namespace {

/// The head has one set of weights for all maps, so the number of anchors is one, too.
std::int64_t anchors_per_cell(const std::vector<Tensor>& base) {
  const std::int64_t first = base.front().shape[0];
  for (const Tensor& anchors : base) {
    if (anchors.shape[0] == first) continue;
    throw Error({.code = "W002",
                 .found = fmt::format("{} anchors per cell of one map and {} of another", first,
                                      anchors.shape[0]),
                 .where = {.item = "anchor_generator"},
                 .hint = "the head is the same for all maps: give each as many sizes times aspect "
                         "ratios as the others"});
  }
  return first;
}

std::vector<Tensor> bases(const AnchorSpec& anchors, std::size_t levels) {
  check_anchors(anchors, levels, "anchor_generator");
  std::vector<Tensor> base;
  for (std::size_t k = 0; k < levels; ++k) {
    base.push_back(cell_anchors(anchors.sizes[k], anchors.aspect_ratios[k]));
  }
  return base;
}

}  // namespace

void option_rows(OptionRows& row, DenseSpec& spec) {
  row("score_thresh", kinds::kProbability, "score_thresh", "score that a detection must exceed",
      spec.score_thresh);
  row("nms_thresh", kinds::kProbability, "nms_thresh",
      "IoU above which a detection of the same class is suppressed", spec.nms_thresh);
  row("detections_per_img", kinds::kCount, "detections_per_img",
      "detections kept per image, best first", spec.detections_per_img);
  row("topk_candidates", kinds::kCount, "topk_candidates",
      "candidates kept before non-maximum suppression: per feature map (RetinaNet, FCOS) or per "
      "class (SSD)",
      spec.topk_candidates);
}

void option_rows(OptionRows& row, DefaultBoxSpec& spec) {
  row("aspect_ratios", kinds::kListsSomeEmpty, "aspect_ratios",
      "anchor aspect ratios for each feature map", spec.aspect_ratios);
  row("scales", kinds::kPositives, "scales",
      "default box sizes as fractions of the image, one per feature map plus one", spec.scales);
  row("steps", kinds::kPositivesOrNone, "steps",
      "pixels between default boxes, one number per feature map, or None", spec.steps);
  row("clip", kinds::kFlag, "clip", "clip default boxes to the image", spec.clip);
}

DenseSpec dense_spec(const Config& config) {
  return read_options<DenseSpec>(config);
}

AnchorSpec anchor_spec(const Config& config) {
  return read_options<AnchorSpec>(config, anchor_place());
}

DefaultBoxSpec default_box_spec(const Config& config) {
  return read_options<DefaultBoxSpec>(config, anchor_place());
}

OneStage one_stage(Scope s, const Config& config, const BuildOptions& options) {
  require_portable(config, options);
  const std::int64_t channels = image_channels(s / "backbone", options);
  const TransformSpec transform = transform_spec(config, options, channels);
  (s / "transform").computes(ModuleKind::kTransform);
  TransformedImages images;
  if (options.outputs == OutputMode::kRaw) {
    images.x = normalised(raw_input(s.graph(), transform, options), transform);
  } else {
    const Value input = detector_input(s.graph(), input_mode(options, Task::kDetection),
                                       options.bgr, channels, image_shape(options));
    images = transform_images(input, transform);
  }
  return {images, backbone_maps(s / "backbone", images.x, config, options)};
}

DetectionTable detect_with(AnchorHead head, Scope s, const OneStage& found, const Config& config) {
  const std::vector<Tensor> base = bases(anchor_spec(config), found.maps.size());
  const std::vector<DensePrediction> predictions =
      head(s / "head", found.maps, anchors_per_cell(base));
  const NameScope names(s.graph(), "detections");
  return detect_on_anchors(predictions, base, found.images, dense_spec(config));
}

void build_with(AnchorHead head, std::string_view family, Scope s, const Config& config,
                const BuildOptions& options) {
  computes_anchors(s / "anchor_generator", anchor_spec(config));
  const OneStage found = one_stage(s, config, options);
  if (options.outputs == OutputMode::kRaw) {
    const std::vector<Tensor> base = bases(anchor_spec(config), found.maps.size());
    return raw_outputs(head(s / "head", found.maps, anchors_per_cell(base)), family);
  }
  const DetectionTable table = detect_with(head, s, found, config);
  detector_outputs(in_input_pixels(table, found.images), output_mode(options, Task::kDetection));
}

}  // namespace tv2onnx
