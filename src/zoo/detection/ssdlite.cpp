#include "zoo/detection/ssdlite.h"

#include "zoo/detection/ssd.h"

namespace tv2onnx {
namespace {

constexpr int kMaps = 6;

/// DefaultBoxGenerator([[2, 3] for _ in range(6)], min_ratio=0.2, max_ratio=0.95)
DefaultBoxSpec standard_boxes() {
  DefaultBoxSpec spec;
  for (int k = 0; k < kMaps; ++k) {
    spec.aspect_ratios.push_back({2, 3});
    spec.scales.push_back(0.2 + (0.95 - 0.2) * k / (kMaps - 1.0));
  }
  spec.scales.push_back(1.0);
  return spec;
}

}  // namespace

Model ssdlite320_mobilenet_v3_large() {
  const SsdStandard standard{.size = 320,
                             .mean = std::vector(3, 0.5),
                             .std = std::vector(3, 0.5),
                             .boxes = standard_boxes(),
                             .selection = {.score_thresh = 0.001,
                                           .nms_thresh = 0.55,
                                           .detections_per_img = 300,
                                           .topk_candidates = 300},
                             .norm_eps = 1e-3};
  return {.name = "ssdlite320_mobilenet_v3_large",
          .description = "SSDlite, MobileNetV3-Large, for images of 320 x 320 pixels",
          .options = ssd_options(standard),
          .build = build_ssd,
          .outputs = detection_outputs()};
}

}  // namespace tv2onnx
