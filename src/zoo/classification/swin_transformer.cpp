#include "zoo/classification/swin_transformer.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <string>

#include "nn/computed_parts.h"
#include "nn/pooling.h"
#include "zoo/classification/classifier.h"
#include "zoo/swin_stages.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSmallestSwin = 4;  // smaller images leave nothing for the last layers

struct SwinRow {
  const char* name;
  const char* description;
  std::int64_t channels;
  std::array<int, 4> blocks;
  std::int64_t heads;  ///< of the first stage; twice as many in each that follows
  bool v2 = false;
};
constexpr auto kSwinRows = std::to_array<SwinRow>({
    {"swin_t", "Swin Transformer, tiny", 96, {2, 2, 6, 2}, 3},
    {"swin_s", "Swin Transformer, small", 96, {2, 2, 18, 2}, 3},
    {"swin_b", "Swin Transformer, base", 128, {2, 2, 18, 2}, 4},
    {"swin_v2_t", "Swin Transformer V2, tiny", 96, {2, 2, 6, 2}, 3, true},
    {"swin_v2_s", "Swin Transformer V2, small", 96, {2, 2, 18, 2}, 3, true},
    {"swin_v2_b", "Swin Transformer V2, base", 128, {2, 2, 18, 2}, 4, true},
});

/// The image's patches.
TokenMap stem(Scope s, Value image, std::int64_t channels) {
  const Value map = conv2d(s / 0, image, {.out = channels, .kernel = 4, .stride = 4, .padding = 0});
  const Value last = permute(s / 1, map, {0, 2, 3, 1});
  const NameScope names(s.graph(), s.prefix());
  const Value tokens = reshape(last, {0, -1, channels});
  return {layer_norm(s / 2, tokens, kSwinNormEps), {size_of(map, 2), size_of(map, 3)}};
}

SwinStages stages_of(const SwinRow& row, std::size_t count = 4) {
  const std::int64_t side = row.v2 ? 8 : 7;
  return {row.blocks, {.heads = row.heads, .side = {side, side}, .cosine = row.v2}, count};
}

/// [n, channels, height, width]
Value channels_first(Scope s, const TokenMap& map) {
  const NameScope names(s.graph(), s.prefix());
  const Dim channels = map.tokens.dim(2);
  const Value shape = concat(
      {size_of(map.tokens, 0), map.size[0], map.size[1], ints(s.graph(), {channels.number()})}, 0);
  const Value last = reshape_to(map.tokens, shape, Dims{map.tokens.dim(0), Dim(), Dim(), channels});
  return transpose(last, {0, 3, 1, 2});
}

/// The stages, from the finest on, as far as the weights go.
std::vector<FeatureMap> stage_maps(Scope s, const SwinRow& row, Value image) {
  if (!s.in_whole_module()) {
    s.assume(
        fmt::format("the maps of {} are taken as its stages give them, with their channels in "
                    "front; a state dict does not say what code of one's own does between "
                    "them and what takes them",
                    row.description));
  }
  Seq features(s);
  TokenMap map = stem(features.next(), image, row.channels);
  std::vector<FeatureMap> maps;
  for (const TokenMap& given : swin_stages(features, map, stages_of(row, numbered_layers(s) / 2))) {
    const std::size_t k = 2 * maps.size() + 1;
    const std::int64_t stride = std::int64_t{4} << maps.size();
    maps.push_back({channels_first(s / k, given), stride, std::to_string(k)});
  }
  return maps;
}

bool is_row(Scope features, const SwinRow& row) {
  std::array<std::int64_t, 4> channels{};
  for (std::size_t k = 0; k < channels.size(); ++k) channels[k] = row.channels << k;
  return has_stages(features, "norm1.weight", channels, row.blocks) &&
         (features / 1 / 0 / "attn").has("logit_scale") == row.v2;
}

void build_swin_transformer(Scope s, const SwinRow& row, const Config& config,
                            const BuildOptions& options) {
  s.computes(ModuleKind::kSwin);
  Seq features(s / "features");
  const Scope patches = features.next();
  TokenMap map =
      stem(patches, classifier_input(patches / 0, config, options, {.smallest = kSmallestSwin}),
           row.channels);
  const std::vector<TokenMap> given = swin_stages(features, map, stages_of(row));
  const Value tokens = layer_norm(s / "norm", map.tokens, kSwinNormEps);
  if ((s / "permute").module() != nullptr) computes_permute(s / "permute", {0, 3, 1, 2});
  computes_flatten(s / "flatten");
  classify_features(s / "head", mean_over_tokens(s / "avgpool", tokens), {linear_layer()}, config,
                    options);
  swin_features(s.graph(), options.features, given);
}

}  // namespace

std::optional<Body> swin_body(Scope features) {
  for (const SwinRow& row : kSwinRows) {
    if (!is_row(features, row)) continue;
    const auto maps = [features, &row](Value x, double) { return stage_maps(features, row, x); };
    return Body{.name = row.description, .body = features, .stem = features / 0 / 0, .maps = maps};
  }
  return std::nullopt;
}

std::vector<Model> swins() {
  return classifiers<SwinRow>(kSwinRows, build_swin_transformer,
                              [](const SwinRow&) { return ClassifierSettings{.norm_eps = {}}; });
}

}  // namespace tv2onnx
