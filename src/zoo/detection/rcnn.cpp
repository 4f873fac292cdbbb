#include "zoo/detection/rcnn.h"

#include "zoo/detection/backbone.h"
#include "zoo/detection/options.h"

namespace tv2onnx {

TwoStage two_stage(Scope s, const Config& config, const BuildOptions& options) {
  const TransformSpec transform = transform_spec(config, options.torchvision);
  const auto channels = static_cast<std::int64_t>(transform.mean.size());
  const Value input = detector_input(s.graph(), options.input, options.bgr, channels);
  const TransformedImages images = transform_images(input, transform);
  const std::vector<FeatureMap> levels = backbone_maps(s / "backbone", images.x, config);
  const Proposals proposals = region_proposals(s / "rpn", levels, images, rpn_spec(config));
  const DetectionTable table = detect_boxes(s / "roi_heads", pooled_maps(levels, config), proposals,
                                            images, box_head_spec(config));
  return {images, levels, table};
}

}  // namespace tv2onnx
