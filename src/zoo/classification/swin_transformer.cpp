#include "zoo/classification/swin_transformer.h"

#include <array>
#include <cstddef>

#include "nn/computed_parts.h"
#include "nn/pooling.h"
#include "nn/window_attention.h"
#include "zoo/classification/classifier.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSmallest = 4;  // smaller images leave nothing for the last layers

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

void build(Scope s, const Row& row, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kSwin);
  Seq features(s / "features");
  const Scope patches = features.next();
  TokenMap map =
      stem(patches, classifier_input(patches / 0, config, options, {.smallest = kSmallest}),
           row.channels);
  for (std::size_t k = 0; k < row.blocks.size(); ++k) {
    if (k > 0) map = merging(features.next(), map, row.v2);
    stage(features.next(), map, row.blocks[k],
          {.heads = row.heads << k, .side = row.v2 ? 8 : 7, .cosine = row.v2});
  }
  const Value tokens = layer_norm(s / "norm", map.tokens, kEps);
  if ((s / "permute").module() != nullptr) computes_permute(s / "permute", {0, 3, 1, 2});
  computes_flatten(s / "flatten");
  classify_features(s / "head", mean_over_tokens(s / "avgpool", tokens), {linear_layer()}, config,
                    options);
}

}  // namespace

std::vector<Model> swins() {
  return classifiers<Row>(kRows, build,
                          [](const Row&) { return ClassifierSettings{.norm_eps = {}}; });
}

}  // namespace tv2onnx
