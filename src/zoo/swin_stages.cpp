#include "zoo/swin_stages.h"

#include "nn/layers.h"
#include "nn/module_kinds.h"
#include "zoo/features.h"

namespace tv2onnx {
namespace {

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
  const auto norm = [](Scope layer, Value y) { return layer_norm(layer, y, kSwinNormEps); };
  if (spec.cosine) {
    x = sum(x, norm(first, window_attention(s / "attn", x, windows, spec)));
    return sum(x, norm(second, mlp(s / "mlp", x, hidden)));
  }
  x = sum(x, window_attention(s / "attn", norm(first, x), windows, spec));
  return sum(x, mlp(s / "mlp", norm(second, x), hidden));
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
      v2 ? layer_norm(norm, linear_of_rows(reduction, cells.tokens, channels, false), kSwinNormEps)
         : linear_of_rows(reduction, layer_norm(norm, cells.tokens, kSwinNormEps), channels, false);
  return cells;
}

WindowAttention shifted(WindowAttention spec) {
  for (std::size_t k = 0; k < spec.side.size(); ++k) spec.shift[k] = spec.side[k] / 2;
  return spec;
}

void stage(Scope s, TokenMap& map, int blocks, const WindowAttention& spec) {
  const std::array<WindowAttention, 2> specs{spec, shifted(spec)};
  std::array<Windows, 2> windows;
  {
    const NameScope names(s.graph(), s.prefix());
    windows = {windows_of(map, specs[0]), windows_of(map, specs[1])};
  }
  for (int n = 0; n < blocks; ++n) {
    const std::size_t kind = n % 2 == 0 ? 0 : 1;
    map.tokens = block(s / n, map.tokens, windows.at(kind), specs.at(kind));
  }
}

}  // namespace

std::vector<TokenMap> swin_stages(Seq& features, TokenMap& map, const SwinStages& stages) {
  std::vector<TokenMap> given;
  WindowAttention spec = stages.first;
  for (std::size_t k = 0; k < stages.count; ++k) {
    if (k > 0) {
      map = merging(features.next(), map, spec.cosine);
      spec.heads *= 2;
    }
    stage(features.next(), map, stages.blocks.at(k), spec);
    given.push_back(map);
  }
  return given;
}

void swin_features(Graph& graph, const std::vector<std::string>& paths,
                   const std::vector<TokenMap>& given) {
  in_torchs_shapes(graph, paths, [&](std::string_view path, Value value) {
    if (path == "avgpool") return as_maps_of_one(value, given[0].size.size());
    constexpr std::string_view kChild = "features.";
    if (path.starts_with("patch_embed")) return as_places(value, given.front().size);
    // Two children for each stage: what makes its map, and its blocks.
    const auto stage = path.starts_with(kChild)
                           ? static_cast<std::size_t>(path[kChild.size()] - '0') / 2
                           : given.size() - 1;
    return stage < given.size() ? as_places(value, given[stage].size) : std::nullopt;
  });
}

}  // namespace tv2onnx
