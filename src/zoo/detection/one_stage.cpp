#include "zoo/detection/one_stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "nn/detections.h"
#include "nn/raw_outputs.h"
#include "tv2onnx/error.h"
#include "zoo/detection/backbone.h"
#include "zoo/detection/options.h"
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

std::vector<Option> dense_options(const DenseSpec& standard) {
  return {
      {"score_thresh",
       OptionKind::kProbability,
       {standard.score_thresh},
       "score_thresh",
       "score that a detection must exceed"},
      {"nms_thresh",
       OptionKind::kProbability,
       {standard.nms_thresh},
       "nms_thresh",
       "IoU above which a detection of the same class is suppressed"},
      {"detections_per_img",
       OptionKind::kCount,
       {standard.detections_per_img},
       "detections_per_img",
       "detections kept per image, best first"},
      {"topk_candidates",
       OptionKind::kCount,
       {standard.topk_candidates},
       "topk_candidates",
       "candidates kept before non-maximum suppression: per feature map (RetinaNet, FCOS) or per "
       "class (SSD)"},
  };
}

DenseSpec dense_spec(const Config& config) {
  return {.score_thresh = config.number("score_thresh"),
          .nms_thresh = config.number("nms_thresh"),
          .detections_per_img = config.integer("detections_per_img"),
          .topk_candidates = config.integer("topk_candidates")};
}

std::vector<Option> anchor_options(const AnchorSpec& standard) {
  return {
      {"anchor_generator.sizes", OptionKind::kNestedNumbers, list_of(standard.sizes),
       "anchor_generator.sizes", "anchor sizes for each feature map"},
      {"anchor_generator.aspect_ratios", OptionKind::kNestedNumbers,
       list_of(standard.aspect_ratios), "anchor_generator.aspect_ratios",
       "anchor aspect ratios for each feature map"},
  };
}

AnchorSpec anchor_spec(const Config& config) {
  return {config.nested_numbers("anchor_generator.sizes"),
          config.nested_numbers("anchor_generator.aspect_ratios")};
}

std::vector<Option> default_box_options(const DefaultBoxSpec& standard) {
  return {
      {"anchor_generator.aspect_ratios", OptionKind::kNestedOrEmpty,
       list_of(standard.aspect_ratios), "anchor_generator.aspect_ratios",
       "anchor aspect ratios for each feature map"},
      {"anchor_generator.scales", OptionKind::kPositives, list_of(standard.scales),
       "anchor_generator.scales",
       "default box sizes as fractions of the image, one per feature map plus one"},
      {"anchor_generator.steps", OptionKind::kOptionalPositives,
       standard.steps ? list_of(*standard.steps) : Setting{}, "anchor_generator.steps",
       "pixels between default boxes, one number per feature map, or None"},
      {"anchor_generator.clip",
       OptionKind::kFlag,
       {standard.clip},
       "anchor_generator.clip",
       "clip default boxes to the image"},
  };
}

DefaultBoxSpec default_box_spec(const Config& config) {
  DefaultBoxSpec spec{.aspect_ratios = config.nested_numbers("anchor_generator.aspect_ratios"),
                      .scales = config.numbers("anchor_generator.scales"),
                      .steps = {},
                      .clip = *config["anchor_generator.clip"].boolean()};
  if (!config["anchor_generator.steps"].is_none()) {
    spec.steps = config.numbers("anchor_generator.steps");
  }
  return spec;
}

OneStage one_stage(Scope s, const Config& config, const BuildOptions& options) {
  const std::int64_t channels = image_channels(s / "backbone");
  const TransformSpec transform = transform_spec(config, options.torchvision, channels);
  TransformedImages images;
  if (options.outputs == OutputMode::kRaw) {
    images.x = normalised(raw_input(s.graph(), transform, options), transform);
  } else {
    const Value input = detector_input(s.graph(), options.input, options.bgr, channels);
    images = transform_images(input, transform);
  }
  return {images, backbone_maps(s / "backbone", images.x, config)};
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
  const OneStage found = one_stage(s, config, options);
  if (options.outputs == OutputMode::kRaw) {
    const std::vector<Tensor> base = bases(anchor_spec(config), found.maps.size());
    return raw_outputs(head(s / "head", found.maps, anchors_per_cell(base)), family);
  }
  const DetectionTable table = detect_with(head, s, found, config);
  detector_outputs(in_input_pixels(table, found.images), options.outputs);
}

}  // namespace tv2onnx
