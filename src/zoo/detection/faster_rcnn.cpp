#include "zoo/detection/faster_rcnn.h"

#include <iterator>

#include "nn/detections.h"
#include "zoo/detection/options.h"
#include "zoo/detection/rcnn.h"

namespace tv2onnx {
namespace {

void build(Scope s, const Config& config, const BuildOptions& options) {
  const TwoStage found = two_stage(s, config, options);
  detector_outputs(in_input_pixels(found.table, found.images), options.outputs);
}

std::vector<Option> mobilenet_options(std::int64_t min_size, std::int64_t max_size,
                                      std::int64_t top_n) {
  const std::vector<double> sizes{32, 64, 128, 256, 512};
  const std::vector<double> ratios{0.5, 1.0, 2.0};
  // The builders use one threshold for both, 0.05, where other backbones have 0.0.
  return rcnn_options(transform_options(min_size, max_size),
                      rpn_options({{sizes, sizes, sizes}, {ratios, ratios, ratios}}, top_n, 0.05));
}

}  // namespace

Model fasterrcnn_resnet50_fpn() {
  return {"fasterrcnn_resnet50_fpn", "Faster R-CNN, ResNet-50 with FPN", resnet_rcnn_options(),
          build};
}

Model fasterrcnn_resnet50_fpn_v2() {
  return {"fasterrcnn_resnet50_fpn_v2",
          "Faster R-CNN, ResNet-50 with a batch-normalised FPN, deeper RPN, convolutions in the "
          "box head",
          resnet_rcnn_options(), build};
}

Model fasterrcnn_mobilenet_v3_large_fpn() {
  return {"fasterrcnn_mobilenet_v3_large_fpn",
          "Faster R-CNN, MobileNetV3-Large with FPN, for images of about 800 pixels",
          mobilenet_options(800, 1333, 1000), build};
}

Model fasterrcnn_mobilenet_v3_large_320_fpn() {
  return {"fasterrcnn_mobilenet_v3_large_320_fpn",
          "Faster R-CNN, MobileNetV3-Large with FPN, for images of about 320 pixels",
          mobilenet_options(320, 640, 150), build};
}

}  // namespace tv2onnx
