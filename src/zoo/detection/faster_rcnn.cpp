#include "zoo/detection/faster_rcnn.h"

#include "nn/detections.h"
#include "zoo/detection/rcnn.h"

namespace tv2onnx {
namespace {

void build_faster_rcnn(Scope s, const Config& config, const BuildOptions& options) {
  const TwoStage found = two_stage(s, config, options);
  detector_outputs(in_input_pixels(found.table, found.images),
                   output_mode(options, Task::kDetection));
}

std::vector<Option> mobilenet_options(const TransformSettings& transform, std::int64_t top_n) {
  const std::vector<double> sizes{32, 64, 128, 256, 512};
  const std::vector<double> ratios{0.5, 1.0, 2.0};
  // The builders use one threshold for both, 0.05, where other backbones have 0.0.
  return rcnn_options(transform, {.anchors = {{sizes, sizes, sizes}, {ratios, ratios, ratios}},
                                  .pre_nms_top_n = top_n,
                                  .post_nms_top_n = top_n,
                                  .score_thresh = 0.05});
}

}  // namespace

Model fasterrcnn_resnet50_fpn() {
  return {.name = "fasterrcnn_resnet50_fpn",
          .description = "Faster R-CNN, ResNet-50 with FPN",
          .options = resnet_rcnn_options(),
          .build = build_faster_rcnn,
          .outputs = detection_outputs()};
}

Model fasterrcnn_resnet50_fpn_v2() {
  return {.name = "fasterrcnn_resnet50_fpn_v2",
          .description =
              "Faster R-CNN, ResNet-50 with a batch-normalised FPN, deeper RPN, "
              "convolutions in the box head",
          .options = resnet_rcnn_options(),
          .build = build_faster_rcnn,
          .outputs = detection_outputs()};
}

Model fasterrcnn_mobilenet_v3_large_fpn() {
  return {.name = "fasterrcnn_mobilenet_v3_large_fpn",
          .description = "Faster R-CNN, MobileNetV3-Large with FPN, for images of about 800 pixels",
          .options = mobilenet_options({}, 1000),
          .build = build_faster_rcnn,
          .outputs = detection_outputs()};
}

Model fasterrcnn_mobilenet_v3_large_320_fpn() {
  const TransformSettings small{.min_size = {std::int64_t{320}}, .max_size = {std::int64_t{640}}};
  return {.name = "fasterrcnn_mobilenet_v3_large_320_fpn",
          .description = "Faster R-CNN, MobileNetV3-Large with FPN, for images of about 320 pixels",
          .options = mobilenet_options(small, 150),
          .build = build_faster_rcnn,
          .outputs = detection_outputs()};
}

}  // namespace tv2onnx
