#include "zoo/classification/swin_transformer.h"

#include <array>

#include "nn/computed_parts.h"
#include "nn/pooling.h"
#include "zoo/classification/classifier.h"
#include "zoo/swin_stages.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSmallest = 4;  // smaller images leave nothing for the last layers

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

/// The image's patches.
TokenMap stem(Scope s, Value image, std::int64_t channels) {
  const Value map = conv2d(s / 0, image, {.out = channels, .kernel = 4, .stride = 4, .padding = 0});
  const Value last = permute(s / 1, map, {0, 2, 3, 1});
  const NameScope names(s.graph(), s.prefix());
  const Value tokens = reshape(last, {0, -1, channels});
  return {layer_norm(s / 2, tokens, kSwinNormEps), {size_of(map, 2), size_of(map, 3)}};
}

void build(Scope s, const Row& row, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kSwin);
  Seq features(s / "features");
  const Scope patches = features.next();
  TokenMap map =
      stem(patches, classifier_input(patches / 0, config, options, {.smallest = kSmallest}),
           row.channels);
  const std::int64_t side = row.v2 ? 8 : 7;
  const auto sizes = swin_stages(
      features, map, {row.blocks, {.heads = row.heads, .side = {side, side}, .cosine = row.v2}});
  const Value tokens = layer_norm(s / "norm", map.tokens, kSwinNormEps);
  if ((s / "permute").module() != nullptr) computes_permute(s / "permute", {0, 3, 1, 2});
  computes_flatten(s / "flatten");
  classify_features(s / "head", mean_over_tokens(s / "avgpool", tokens), {linear_layer()}, config,
                    options);
  swin_features(s.graph(), options.features, sizes);
}

}  // namespace

std::vector<Model> swins() {
  return classifiers<Row>(kRows, build,
                          [](const Row&) { return ClassifierSettings{.norm_eps = {}}; });
}

}  // namespace tv2onnx
