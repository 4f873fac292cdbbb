#include "zoo/segmentation/lraspp.h"

#include "nn/computed_parts.h"
#include "nn/interpolate.h"
#include "nn/pooling.h"
#include "zoo/segmentation/segmenter.h"

namespace tv2onnx {
namespace {

/// torchvision enlarges before this convolution, whose cells read one position each. As the weights
/// of an interpolation add up to 1, classes can be enlarged instead of channels, which are more.
Value enlarged_classes(Scope s, Value x, Value like) {
  const Value classes = conv2d(s, x, {});
  const NameScope names(s.graph(), s.prefix());
  return interpolated_like(classes, like);
}

/// LRASPPHead
Value head(Scope s, const SegmenterMaps& maps) {
  s.computes(ModuleKind::kLrasppHead);
  const NameScope names(s.graph(), s.prefix());
  const Value y = conv_norm_activation(s / "cbr", maps.last, {}, Activation::kRelu, kHeadNormEps);
  const Scope scale = s / "scale";
  const Value mean = average_of_maps(scale / 0, maps.last);
  const Value weights =
      activate(scale / 2, conv2d(scale / 1, mean, {.bias = false}), Activation::kSigmoid);
  return conv2d(s / "low_classifier", maps.fine, {}) +
         enlarged_classes(s / "high_classifier", y * weights, maps.fine);
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
