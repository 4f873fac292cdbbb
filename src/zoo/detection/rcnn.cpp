#include "zoo/detection/rcnn.h"

#include <algorithm>
#include <iterator>

#include "zoo/detection/backbone.h"
#include "zoo/detection/options.h"

namespace tv2onnx {

std::vector<Option> resnet_fpn_options() {
  const std::vector<std::vector<double>> sizes{{32}, {64}, {128}, {256}, {512}};
  const std::vector<std::vector<double>> ratios(sizes.size(), {0.5, 1.0, 2.0});
  std::vector<Option> all = transform_options(800, 1333);
  std::ranges::move(rpn_options({sizes, ratios}, 1000, 0.0), std::back_inserter(all));
  std::ranges::move(box_head_options({"0", "1", "2", "3"}), std::back_inserter(all));
  std::ranges::move(norm_options(1e-5), std::back_inserter(all));
  return all;
}

TwoStage two_stage(Scope s, const Config& config, const BuildOptions& options) {
  const TransformSpec transform = transform_spec(config, options.torchvision);
  const auto channels = static_cast<std::int64_t>(transform.mean.size());
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
