#include "zoo/classification/swin_transformer.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <string>

#include "nn/computed_parts.h"
#include "nn/pooling.h"
#include "nn/window_attention.h"
#include "zoo/classification/classifier.h"

namespace tv2onnx {
namespace {

constexpr double kEps = 1e-5;  // of LayerNorm

struct Row {
  const char* name;
  const char* description;
  std::int64_t channels;
  std::array<int, 4> blocks;
  std::int64_t heads;  ///< of the first stage; twice as many in each that follows
  bool v2 = false;
};
constexpr auto kRows = std::to_array<Row>({
    {"swin_t", "Swin Transformer, tiny", 96, {2, 2, 6, 2}, 3},
    {"swin_s", "Swin Transformer, small", 96, {2, 2, 18, 2}, 3},
    {"swin_b", "Swin Transformer, base", 128, {2, 2, 18, 2}, 4},
    {"swin_v2_t", "Swin Transformer V2, tiny", 96, {2, 2, 6, 2}, 3, true},
    {"swin_v2_s", "Swin Transformer V2, small", 96, {2, 2, 18, 2}, 3, true},
    {"swin_v2_b", "Swin Transformer V2, base", 128, {2, 2, 18, 2}, 4, true},
});

/// V1 normalises what goes into attention and MLP, V2 what comes out.
Value block(Scope s, Value x, const Windows& windows, const WindowAttention& spec) {
  s.computes(spec.cosine ? ModuleKind::kSwinBlockV2 : ModuleKind::kSwinBlock);
  const std::int64_t hidden = 4 * x.dim(2).number();
  const Scope first = s / "norm1";
  const Scope second = s / "norm2";
  const auto sum = [&](Value a, Value b) {
    const NameScope names(s.graph(), s.prefix());
    return a + b;
  };
  if (spec.cosine) {
    x = sum(x, layer_norm(first, window_attention(s / "attn", x, windows, spec), kEps));
    return sum(x, layer_norm(second, mlp(s / "mlp", x, hidden), kEps));
  }
  x = sum(x, window_attention(s / "attn", layer_norm(first, x, kEps), windows, spec));
  return sum(x, mlp(s / "mlp", layer_norm(second, x, kEps), hidden));
}

TokenMap merging(Scope s, const TokenMap& map, bool v2) {
  s.computes(v2 ? ModuleKind::kPatchMergingV2 : ModuleKind::kPatchMerging);
  const std::int64_t channels = 2 * map.tokens.dim(2).number();
  TokenMap cells;
  {
    const NameScope names(s.graph(), s.prefix());
    cells = cells_of_four(map);
  }
  const Scope reduction = s / "reduction";
  const Scope norm = s / "norm";
  cells.tokens =
      v2 ? layer_norm(norm, linear_of_rows(reduction, cells.tokens, channels, false), kEps)
         : linear_of_rows(reduction, layer_norm(norm, cells.tokens, kEps), channels, false);
  return cells;
}

void stage(Scope s, TokenMap& map, int blocks, WindowAttention spec) {
  std::array<Windows, 2> windows;
  {
    const NameScope names(s.graph(), s.prefix());
    windows = {windows_of(map, spec.side, 0), windows_of(map, spec.side, spec.side / 2)};
  }
  for (int n = 0; n < blocks; ++n) {
    const bool shifted = n % 2 == 1;
    spec.shift = shifted ? spec.side / 2 : 0;
    map.tokens = block(s / n, map.tokens, windows[shifted ? 1 : 0], spec);
  }
}

/// The image's patches.
TokenMap stem(Scope s, Value image, std::int64_t channels) {
  const Value map = conv2d(s / 0, image, {.out = channels, .kernel = 4, .stride = 4, .padding = 0});
  const Value last = permute(s / 1, map, {0, 2, 3, 1});
  const NameScope names(s.graph(), s.prefix());
  const Value tokens = reshape(last, {0, -1, channels});
  return {layer_norm(s / 2, tokens, kEps), size_of(map, 2), size_of(map, 3)};
}

/// What the first `count` layers give.
std::vector<TokenMap> layers_of(Scope features, const Row& row, Value image, std::size_t count) {
  std::vector<TokenMap> maps;
  while (maps.size() < count) {
    const std::size_t k = maps.size() / 2;
    const Scope layer = features / maps.size();
    if (maps.empty()) {
      maps.push_back(stem(layer, image, row.channels));
    } else if (maps.size() % 2 == 0) {
      maps.push_back(merging(layer, maps.back(), row.v2));
    } else {
      TokenMap map = maps.back();
      stage(layer, map, row.blocks[k],
            {.heads = row.heads << k, .side = row.v2 ? 8 : 7, .cosine = row.v2});
      maps.push_back(map);
    }
  }
  return maps;
}

/// [n, channels, height, width]
Value channels_first(Scope s, const TokenMap& map) {
  const NameScope names(s.graph(), s.prefix());
  const Dim channels = map.tokens.dim(2);
  const Value shape = concat(
      {size_of(map.tokens, 0), map.height, map.width, ints(s.graph(), {channels.number()})}, 0);
  const Value last = reshape_to(map.tokens, shape, Dims{map.tokens.dim(0), Dim(), Dim(), channels});
  return transpose(last, {0, 3, 1, 2});
}

/// The stages, from the finest on.
std::vector<FeatureMap> stages_of(Scope features, const Row& row, Value image, std::size_t count) {
  if (!features.in_whole_module()) {
    features.assume(
        fmt::format("the maps of {} are taken as its stages give them, with their "
                    "channels in front; a state dict does not say what code of one's "
                    "own does between them and what takes them",
                    row.description));
  }
  const std::vector<TokenMap> layers = layers_of(features, row, image, count);
  std::vector<FeatureMap> maps;
  for (std::size_t k = 1; k < layers.size(); k += 2) {
    maps.push_back(
        {channels_first(features / k, layers[k]), std::int64_t{4} << (k / 2), std::to_string(k)});
  }
  return maps;
}

bool is_row(Scope features, const Row& row) {
  std::array<std::int64_t, 4> channels{};
  for (std::size_t k = 0; k < channels.size(); ++k) channels[k] = row.channels << k;
  return has_stages(features, "norm1.weight", channels, row.blocks) &&
         (features / 1 / 0 / "attn").has("logit_scale") == row.v2;
}

void build(Scope s, const Row& row, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kSwin);
  const Scope features = s / "features";
  const Value image = classifier_input(features / 0 / 0, config, options);
  const TokenMap map = layers_of(features, row, image, 2 * row.blocks.size()).back();
  const Value tokens = layer_norm(s / "norm", map.tokens, kEps);
  if ((s / "permute").module() != nullptr) computes_permute(s / "permute", {0, 3, 1, 2});
  computes_flatten(s / "flatten");
  classify_features(s / "head", mean_over_tokens(s / "avgpool", tokens), {linear_layer()}, config,
                    options);
}

}  // namespace

std::optional<Body> swin_body(Scope features) {
  const std::size_t count = numbered_layers(features);
  for (const Row& row : kRows) {
    if (!is_row(features, row)) continue;
    const auto maps = [features, &row, count](Value x, double) {
      return stages_of(features, row, x, count);
    };
    return Body{.name = row.description, .body = features, .stem = features / 0 / 0, .maps = maps};
  }
  return std::nullopt;
}

std::vector<Model> swins() {
  return classifiers<Row>(kRows, build,
                          [](const Row&) { return ClassifierSettings{.norm_eps = {}}; });
}

}  // namespace tv2onnx
