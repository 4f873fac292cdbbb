#include "zoo/classification/efficientnet.h"

#include <algorithm>
#include <cstddef>

#include "zoo/classification/classifier.h"
#include "zoo/classification/efficientnet_rows.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kEfficientNetSqueeze =
    4;  // the block's input channels by those between the two layers

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
                         {.squeezed = std::max<std::int64_t>(1, in / kEfficientNetSqueeze),
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

/// What the first `count` layers give.
std::vector<FeatureMap> layers_of(Scope features, const EfficientNetRow& row, Value x, double eps,
                                  std::size_t count) {
  x = conv_norm_activation(features / 0, x, {.out = row.stages[0].in, .kernel = 3, .stride = 2},
                           Activation::kSilu, eps);
  std::vector<FeatureMap> maps{{x, 2, "0"}};
  for (const EfficientNetStage& stage : row.stages) {
    if (maps.size() == count) return maps;
    const Scope blocks = features / maps.size();
    for (int n = 0; n < stage.blocks; ++n) {
      x = block(blocks / n, x, stage, n == 0 ? stage.stride : 1, eps);
    }
    maps.push_back({x, maps.back().stride * stage.stride, std::to_string(maps.size())});
  }
  if (maps.size() == count) return maps;
  x = conv_norm_activation(features / maps.size(), x, {.out = row.last}, Activation::kSilu, eps);
  maps.push_back({x, maps.back().stride, std::to_string(maps.size())});
  return maps;
}

std::size_t layer_count(const EfficientNetRow& row) {
  return row.stages.size() + 2;
}

/// Whether as many blocks as the row has are there, with its channels.
bool has_stage(Scope blocks, const EfficientNetStage& stage) {
  if (numbered_layers(blocks) != static_cast<std::size_t>(stage.blocks)) return false;
  const bool expands = stage.expansion != 1;
  const int last = stage.fused ? (expands ? 1 : 0) : (expands ? 3 : 2);
  const std::optional<Shape> weight = (blocks / 0 / "block" / last / 0).shape("weight");
  return weight && weight->front() == stage.out;
}

bool has_layers(Scope features, const EfficientNetRow& row) {
  const std::size_t count = numbered_layers(features);
  for (std::size_t k = 0; k < row.stages.size() && k + 1 < count; ++k) {
    if (!has_stage(features / (k + 1), row.stages[k])) return false;
  }
  return count > 1 && count <= layer_count(row);
}

void build_efficientnet(Scope s, const EfficientNetRow& row, const Config& config,
                        const BuildOptions& options) {
  s.computes(ModuleKind::kEfficientNet);
  const Scope features = s / "features";
  const Value image = classifier_input(features / 0 / 0, config, options);
  const Value x = layers_of(features, row, image, norm_eps(config), layer_count(row)).back().x;
  classify_maps(s, x, "classifier", {dropout_layer(), linear_layer()}, config, options);
}

/// torchvision's own weights of the largest are for another normalisation than all others.
ClassifierSettings settings_of_row(const EfficientNetRow& row) {
  ClassifierSettings settings{.norm_eps = row.norm_eps};
  if (row.name == "efficientnet_v2_l") settings.normalisation = {{0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}};
  return settings;
}

}  // namespace

std::optional<Body> efficientnet_body(Scope features) {
  for (const EfficientNetRow& row : efficientnet_rows()) {
    if (!has_layers(features, row)) continue;
    const auto maps = [features, &row](Value x, double eps) {
      return layers_of(features, row, x, eps, numbered_layers(features));
    };
    return Body{row.description, features, features / 0 / 0, row.norm_eps, maps};
  }
  return std::nullopt;
}

std::vector<Model> efficientnets() {
  return classifiers<EfficientNetRow>(efficientnet_rows(), build_efficientnet, settings_of_row);
}

}  // namespace tv2onnx
