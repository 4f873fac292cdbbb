#include "zoo/classification/convnext.h"

#include <array>
#include <cstddef>

#include "nn/computed_parts.h"
#include "nn/pooling.h"
#include "zoo/classification/classifier.h"
#include "zoo/features.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSmallest = 32;  // smaller images leave nothing for the last layers

constexpr double kEps = 1e-6;  // of LayerNorm

struct Row {
  const char* name;
  const char* description;
  std::array<std::int64_t, 4> channels;
  std::array<int, 4> blocks;
};
constexpr auto kRows = std::to_array<Row>({
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
  return permuted(s, layer_norm(s, permuted(s, x, kChannelsLast), kEps), kChannelsFirst);
}

Value block(Scope s, Value x) {
  const std::int64_t channels = x.dim(1).number();
  s.computes(ModuleKind::kConvNextBlock);
  const Scope layers = s / "block";
  Value y = conv2d(layers / 0, x, {.out = channels, .kernel = 7, .groups = channels});
  y = layer_norm(layers / 2, permute(layers / 1, y, kChannelsLast), kEps);
  y = linear_of_rows(layers / 3, y, 4 * channels);
  y = linear_of_rows(layers / 5, activate(layers / 4, y, Activation::kGelu), channels);
  y = permute(layers / 6, y, kChannelsFirst);
  const NameScope names(s.graph(), s.prefix());
  return s.weight("layer_scale", {channels, 1, 1}) * y + x;
}

void build(Scope s, const Row& row, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kConvNext);
  Seq features(s / "features");
  const Scope stem = features.next();
  Value x = classifier_input(stem / 0, config, options, {.smallest = kSmallest});
  x = conv2d(stem / 0, x, {.out = row.channels[0], .kernel = 4, .stride = 4, .padding = 0});
  x = layer_norm_2d(stem / 1, x);
  for (std::size_t k = 0; k < row.blocks.size(); ++k) {
    if (k > 0) {
      const Scope halving = features.next();
      x = conv2d(halving / 1, layer_norm_2d(halving / 0, x),
                 {.out = row.channels[k], .kernel = 2, .stride = 2, .padding = 0});
    }
    const Scope stage = features.next();
    for (int n = 0; n < row.blocks[k]; ++n) x = block(stage / n, x);
  }
  const Scope head = s / "classifier";
  const Value normalised = layer_norm(head / 0, mean_over_positions(s / "avgpool", x), kEps);
  computes_flatten(head / 1);
  classify_features(head / 2, normalised, {linear_layer()}, config, options);
  in_torchs_shapes(s.graph(), options.features, [](std::string_view path, Value value) {
    return path == "classifier.0" ? as_maps_of_one(value) : std::nullopt;
  });
}

}  // namespace

std::vector<Model> convnexts() {
  return classifiers<Row>(kRows, build,
                          [](const Row&) { return ClassifierSettings{.norm_eps = {}}; });
}

}  // namespace tv2onnx
