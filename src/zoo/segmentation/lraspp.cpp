#include "zoo/segmentation/lraspp.h"

#include "nn/computed_parts.h"
#include "nn/interpolate.h"
#include "zoo/segmentation/segmenter.h"

namespace tv2onnx {
namespace {

/// LRASPPHead
Value head(Scope s, const SegmenterMaps& maps) {
  s.computes(ModuleKind::kLrasppHead);
  const Value y = conv_norm_activation(s / "cbr", maps.last, {}, Activation::kRelu, kHeadNormEps);
  const Scope scale = s / "scale";
  computes_adaptive_pool(scale / 0, 1);
  const Value weights =
      activate(scale / 2, conv2d(scale / 1, global_average_pool(maps.last), {.bias = false}),
               Activation::kSigmoid);
  const Value wide = interpolated_like(y * weights, maps.fine);
  return conv2d(s / "low_classifier", maps.fine, {}) + conv2d(s / "high_classifier", wide, {});
}

void build_lraspp(Scope s, const SegmenterRow& row, const Config& config,
                  const BuildOptions& options) {
  s.computes(ModuleKind::kLraspp);
  const SegmenterMaps maps = segmenter_maps(s, row, "low", "high", config, options);
  segmenter_output(maps, head(s / "classifier", maps), options);
}

}  // namespace

Model lraspp_mobilenet_v3_large() {
  return segmenter({"lraspp_mobilenet_v3_large", "LR-ASPP, MobileNetV3-Large", "MobileNetV3-Large"},
                   {}, build_lraspp);
}

}  // namespace tv2onnx
