#include "zoo/classification/convnext.h"

#include <array>
#include <cstddef>
#include <string>

#include "nn/computed_parts.h"
#include "nn/pooling.h"
#include "zoo/classification/classifier.h"
#include "zoo/features.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSmallestConvNext = 32;  // smaller images leave nothing for the last layers

constexpr double kConvNextEps = 1e-6;  // of LayerNorm

struct ConvNextRow {
  const char* name;
  const char* description;
  std::array<std::int64_t, 4> channels;
  std::array<int, 4> blocks;
};
constexpr auto kConvNextRows = std::to_array<ConvNextRow>({
    {"convnext_tiny", "ConvNeXt-Tiny", {96, 192, 384, 768}, {3, 3, 9, 3}},
    {"convnext_small", "ConvNeXt-Small", {96, 192, 384, 768}, {3, 3, 27, 3}},
    {"convnext_base", "ConvNeXt-Base", {128, 256, 512, 1024}, {3, 3, 27, 3}},
    {"convnext_large", "ConvNeXt-Large", {192, 384, 768, 1536}, {3, 3, 27, 3}},
});

const std::vector<std::int64_t> kChannelsLast{0, 2, 3, 1};
const std::vector<std::int64_t> kChannelsFirst{0, 3, 1, 2};

Value permuted(Scope s, Value x, const std::vector<std::int64_t>& dims) {
  const NameScope names(s.graph(), s.prefix());
  return transpose(x, dims);
}

/// LayerNorm2d: of the channels at each position.
Value layer_norm_2d(Scope s, Value x) {
  return permuted(s, layer_norm(s, permuted(s, x, kChannelsLast), kConvNextEps), kChannelsFirst);
}

Value block(Scope s, Value x) {
  const std::int64_t channels = x.dim(1).number();
  s.computes(ModuleKind::kConvNextBlock);
  const Scope layers = s / "block";
  Value y = conv2d(layers / 0, x, {.out = channels, .kernel = 7, .groups = channels});
  y = layer_norm(layers / 2, permute(layers / 1, y, kChannelsLast), kConvNextEps);
  y = linear_of_rows(layers / 3, y, 4 * channels);
  y = linear_of_rows(layers / 5, activate(layers / 4, y, Activation::kGelu), channels);
  y = permute(layers / 6, y, kChannelsFirst);
  const NameScope names(s.graph(), s.prefix());
  return s.weight("layer_scale", {channels, 1, 1}) * y + x;
}

/// A stem, or what halves the map before a later stage.
Value before_stage(Scope s, Value x, std::size_t stage, std::int64_t channels) {
  if (stage == 0) {
    x = conv2d(s / 0, x, {.out = channels, .kernel = 4, .stride = 4, .padding = 0});
    return layer_norm_2d(s / 1, x);
  }
  return conv2d(s / 1, layer_norm_2d(s / 0, x),
                {.out = channels, .kernel = 2, .stride = 2, .padding = 0});
}

/// What the first `count` layers give.
std::vector<FeatureMap> layers_of(Scope features, const ConvNextRow& row, Value x,
                                  std::size_t count) {
  std::vector<FeatureMap> maps;
  std::int64_t stride = 4;
  while (maps.size() < count) {
    const std::size_t stage = maps.size() / 2;
    const Scope layer = features / maps.size();
    if (maps.size() % 2 == 0) {
      x = before_stage(layer, x, stage, row.channels[stage]);
      if (stage > 0) stride *= 2;
    } else {
      for (int n = 0; n < row.blocks[stage]; ++n) x = block(layer / n, x);
    }
    maps.push_back({x, stride, std::to_string(maps.size())});
  }
  return maps;
}

void build_convnext(Scope s, const ConvNextRow& row, const Config& config,
                    const BuildOptions& options) {
  s.computes(ModuleKind::kConvNext);
  const Scope features = s / "features";
  const Value image =
      classifier_input(features / 0 / 0, config, options, {.smallest = kSmallestConvNext});
  const Value x = layers_of(features, row, image, 2 * row.blocks.size()).back().x;
  const Scope head = s / "classifier";
  const Value normalised =
      layer_norm(head / 0, mean_over_positions(s / "avgpool", x), kConvNextEps);
  computes_flatten(head / 1);
  classify_features(head / 2, normalised, {linear_layer()}, config, options);
  in_torchs_shapes(s.graph(), options.features, [](std::string_view path, Value value) {
    return path == "classifier.0" ? as_maps_of_one(value) : std::nullopt;
  });
}

}  // namespace

std::optional<Body> convnext_body(Scope features) {
  const std::size_t count = numbered_layers(features);
  for (const ConvNextRow& row : kConvNextRows) {
    if (!has_stages(features, "layer_scale", row.channels, row.blocks)) continue;
    const auto maps = [features, &row, count](Value x, double) {
      return ends_of_stages(features, layers_of(features, row, x, count));
    };
    return Body{.name = row.description, .body = features, .stem = features / 0 / 0, .maps = maps};
  }
  return std::nullopt;
}

std::vector<Model> convnexts() {
  return classifiers<ConvNextRow>(kConvNextRows, build_convnext, [](const ConvNextRow&) {
    return ClassifierSettings{.norm_eps = {}};
  });
}

}  // namespace tv2onnx
