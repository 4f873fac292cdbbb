#include "zoo/classification/efficientnet.h"

#include <algorithm>

#include "zoo/classification/classifier.h"
#include "zoo/classification/efficientnet_rows.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSqueeze = 4;  // the block's input channels by those between the two layers

/// The layers of MBConv.
Value separable(Scope s, Value x, const EfficientNetStage& stage, std::int64_t stride, double eps) {
  const std::int64_t in = x.dim(1).number();
  const std::int64_t wide = divisible_channels(static_cast<double>(in * stage.expansion));
  Seq layers(s);
  Value y = x;
  if (wide != in) {
    y = conv_norm_activation(layers.next(), y, {.out = wide}, Activation::kSilu, eps);
  }
  y = conv_norm_activation(layers.next(), y,
                           {.out = wide, .kernel = stage.kernel, .stride = stride, .groups = wide},
                           Activation::kSilu, eps);
  y = squeeze_excitation(layers.next(), y,
                         {.squeezed = std::max<std::int64_t>(1, in / kSqueeze),
                          .activation = Activation::kSilu,
                          .scale = Activation::kSigmoid});
  return conv_norm_activation(layers.next(), y, {.out = stage.out}, Activation::kNone, eps);
}

/// The layers of FusedMBConv.
Value fused(Scope s, Value x, const EfficientNetStage& stage, std::int64_t stride, double eps) {
  const std::int64_t in = x.dim(1).number();
  const std::int64_t wide = divisible_channels(static_cast<double>(in * stage.expansion));
  const bool expands = wide != in;
  const Value y = conv_norm_activation(
      s / 0, x, {.out = expands ? wide : stage.out, .kernel = stage.kernel, .stride = stride},
      Activation::kSilu, eps);
  if (!expands) return y;
  return conv_norm_activation(s / 1, y, {.out = stage.out}, Activation::kNone, eps);
}

Value block(Scope s, Value x, const EfficientNetStage& stage, std::int64_t stride, double eps) {
  const bool residual = stride == 1 && x.dim(1) == Dim(stage.out);
  s.computes(stage.fused ? ModuleKind::kFusedMbConv : ModuleKind::kMbConv,
             {{"use_res_connect", {residual}}});
  const Value y = (stage.fused ? fused : separable)(s / "block", x, stage, stride, eps);
  const NameScope names(s.graph(), s.prefix());
  return residual ? y + x : y;
}

void build(Scope s, const EfficientNetRow& row, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kEfficientNet);
  const double eps = norm_eps(config);
  Seq features(s / "features");
  const Scope stem = features.next();
  Value x = classifier_input(stem / 0, config, options);
  x = conv_norm_activation(stem, x, {.out = row.stages[0].in, .kernel = 3, .stride = 2},
                           Activation::kSilu, eps);
  for (const EfficientNetStage& stage : row.stages) {
    const Scope blocks = features.next();
    for (int n = 0; n < stage.blocks; ++n) {
      x = block(blocks / n, x, stage, n == 0 ? stage.stride : 1, eps);
    }
  }
  x = conv_norm_activation(features.next(), x, {.out = row.last}, Activation::kSilu, eps);
  classify_maps(s, x, "classifier", {dropout_layer(), linear_layer()}, config, options);
}

/// torchvision's own weights of the largest are for another normalisation than all others.
ClassifierSettings settings_of_row(const EfficientNetRow& row) {
  ClassifierSettings settings{.norm_eps = row.norm_eps};
  if (row.name == "efficientnet_v2_l") settings.normalisation = {{0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}};
  return settings;
}

}  // namespace

std::vector<Model> efficientnets() {
  return classifiers<EfficientNetRow>(efficientnet_rows(), build, settings_of_row);
}

}  // namespace tv2onnx
