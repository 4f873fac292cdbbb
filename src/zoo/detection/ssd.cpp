#include "zoo/detection/ssd.h"

#include <fmt/format.h>

#include "nn/computed_parts.h"
#include "nn/dense_heads.h"
#include "nn/raw_outputs.h"
#include "tv2onnx/error.h"
#include "zoo/detection/one_stage.h"

namespace tv2onnx {
namespace {

/// Default boxes are constants in the file, so the size of the images must be one.
GridSize fixed_size(const Config& config) {
  if (config["fixed_size"].is_none()) {
    throw Error(
        {.code = "U002",
         .found = "fixed_size = None",
         .where = {.item = "fixed_size"},
         .expected = "width and height, such as 300,300: SSD resizes all images to one size"});
  }
  const auto [height, width] = padded_fixed_size(transform_spec(config, {}));
  return {height, width};
}

GridSize size_of_map(const FeatureMap& map, const GridSize& image) {
  const GridSize size{map.x.dim(2).number(), map.x.dim(3).number()};
  if (size.height > 0 && size.width > 0) return size;
  throw Error({.code = "U002",
               .found = fmt::format("images of {} x {} pixels leave nothing of the feature map {}",
                                    image.width, image.height, map.x.name()),
               .where = {.item = "fixed_size"},
               .expected = "a size that all layers of the backbone leave at least one cell of"});
}

std::vector<DensePrediction> predict(Scope s, const OneStage& found, const Config& config) {
  const DefaultBoxSpec spec = default_box_spec(config);
  check_default_boxes(spec, found.maps.size());
  computes_default_boxes(s / "anchor_generator", spec);
  return ssd_head(s / "head", found.maps, default_boxes_per_cell(spec), norm_eps(config));
}

}  // namespace

std::vector<Option> ssd_options(const SsdStandard& standard) {
  const TransformSettings transform{.min_size = {standard.size},
                                    .max_size = {standard.size},
                                    .mean = standard.mean,
                                    .std = standard.std,
                                    .size_divisible = 1,
                                    .fixed_size = std::pair(standard.size, standard.size)};
  return joined({declare_options(transform), declare_options(standard.boxes, anchor_place()),
                 declare_options(standard.selection),
                 declare_options(NormSettings{standard.norm_eps})});
}

DetectionTable ssd_detections(Scope s, const OneStage& found, const Config& config) {
  const GridSize image = fixed_size(config);
  std::vector<GridSize> grids;
  for (const FeatureMap& map : found.maps) grids.push_back(size_of_map(map, image));
  Tensor boxes = default_boxes(default_box_spec(config), grids, image);
  const std::vector<DensePrediction> predictions = predict(s, found, config);
  const NameScope names(s.graph(), "detections");
  return detect_on_default_boxes(predictions, std::move(boxes), found.images, dense_spec(config));
}

void build_ssd(Scope s, const Config& config, const BuildOptions& options) {
  fixed_size(config);  // a clear message comes first
  computes_with_box_coder(s, ModuleKind::kSsd, {10, 10, 5, 5});
  const OneStage found = one_stage(s, config, options);
  if (options.outputs == OutputMode::kRaw) return raw_outputs(predict(s, found, config), "ssd");
  const DetectionTable table = ssd_detections(s, found, config);
  detector_outputs(in_input_pixels(table, found.images), output_mode(options, Task::kDetection));
}

Model ssd300_vgg16() {
  const SsdStandard standard{.size = 300,
                             .mean = {0.48235, 0.45882, 0.40784},
                             .std = std::vector(3, 1.0 / 255.0),
                             .boxes = {{{2}, {2, 3}, {2, 3}, {2, 3}, {2}, {2}},
                                       {0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05},
                                       std::vector<double>{8, 16, 32, 64, 100, 300}},
                             .selection = {.score_thresh = 0.01,
                                           .nms_thresh = 0.45,
                                           .detections_per_img = 200,
                                           .topk_candidates = 400}};
  return {.name = "ssd300_vgg16",
          .description = "SSD, VGG-16, for images of 300 x 300 pixels",
          .options = ssd_options(standard),
          .build = build_ssd,
          .outputs = detection_outputs()};
}

}  // namespace tv2onnx
