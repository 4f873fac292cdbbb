#include "zoo/classification/vision_transformer.h"

#include <algorithm>
#include <array>
#include <string>

#include "nn/attention.h"
#include "nn/positions.h"
#include "tv2onnx/error.h"
#include "zoo/classification/classifier.h"

namespace tv2onnx {
namespace {

constexpr double kVisionTransformerEps = 1e-6;  // of LayerNorm
constexpr std::int64_t kUsualSize = 224;

struct VisionTransformerRow {
  const char* name;
  const char* description;
  std::int64_t patch;
  int layers;
  std::int64_t heads;
  std::int64_t channels;  ///< the MLPs have four times as many
};
constexpr auto kVisionTransformerRows = std::to_array<VisionTransformerRow>({
    {"vit_b_16", "Vision Transformer, base, patches of 16x16", 16, 12, 12, 768},
    {"vit_b_32", "Vision Transformer, base, patches of 32x32", 32, 12, 12, 768},
    {"vit_l_16", "Vision Transformer, large, patches of 16x16", 16, 24, 16, 1024},
    {"vit_l_32", "Vision Transformer, large, patches of 32x32", 32, 24, 16, 1024},
    {"vit_h_14", "Vision Transformer, huge, patches of 14x14", 14, 32, 16, 1280},
});

/// Patches on each side, as the positions say for which the network was trained.
std::int64_t stored_side(Scope encoder, std::int64_t patch) {
  const std::optional<Shape> shape = encoder.shape("pos_embedding");
  const std::int64_t side = shape && shape->size() == 3 ? grid_side((*shape)[1]) : 0;
  return side > 0 ? side : kUsualSize / patch;
}

/// What is added to the class token's place, which is empty, and to the patches.
Value positions(Scope s, std::int64_t stored, std::int64_t side, std::int64_t channels) {
  Tensor all = (s / "encoder").tensor("pos_embedding", {1, 1 + stored * stored, channels});
  const Tensor token = s.tensor("class_token", {1, 1, channels});
  if (all.data == nullptr || token.data == nullptr) {
    all = make_tensor({1, 1 + side * side, channels},
                      std::vector<float>(static_cast<std::size_t>((1 + side * side) * channels)));
    return constant(s.graph(), all);
  }
  std::vector<float> values = to_float(side == stored ? all : resized_positions(all, side));
  const std::vector<float> first = to_float(token);
  for (std::size_t c = 0; c < first.size(); ++c) values[c] += first[c];
  return s.graph().add_weight("encoder.pos_embedding.with_class_token",
                              make_tensor({1, 1 + side * side, channels}, std::move(values)));
}

/// \param last only the class token is wanted of it: [n, 1, channels]
Value encoder_block(Scope s, Value x, std::int64_t heads, bool last) {
  s.computes(ModuleKind::kVitBlock);
  const Value attended = self_attention(
      s / "self_attention", layer_norm(s / "ln_1", x, kVisionTransformerEps), heads, last);
  const NameScope names(s.graph(), s.prefix());
  x = attended + (last ? pick(x, {0}, 1) : x);
  return x +
         mlp(s / "mlp", layer_norm(s / "ln_2", x, kVisionTransformerEps), 4 * x.dim(2).number());
}

/// [n, 1, channels]: of the class token. \param all the last block computes all tokens, as torch's
Value encoder(Scope s, Value x, const VisionTransformerRow& row, bool all) {
  s.computes(ModuleKind::kVitEncoder);
  for (int k = 0; k < row.layers; ++k) {
    const Scope layer = s / "layers" / ("encoder_layer_" + std::to_string(k));
    x = encoder_block(layer, x, row.heads, k + 1 == row.layers && !all);
  }
  return layer_norm(s / "ln", x, kVisionTransformerEps);
}

/// `heads` is a Sequential with names, or what took its place.
void classify(Scope s, Value features, const Config& config, const BuildOptions& options) {
  const bool replaced = s.holds_tensors() && !(s / "head").holds_tensors();
  if (!replaced && (s / "pre_logits").holds_tensors()) {
    features = activate(s / "act", linear(s / "pre_logits", features, kAny), Activation::kTanh);
  }
  classify_features(replaced ? s : s / "head", features, {linear_layer()}, config, options);
}

/// \throws Error W003 for conv_stem_configs, whose strides are not in a checkpoint.
void require_one_convolution(Scope stem) {
  if (!(stem / "conv_bn_relu_0").holds_tensors()) return;
  throw Error({.code = "W003",
               .found = "a stem of convolutions (conv_stem_configs)",
               .where = {.item = stem.prefix()},
               .expected = "one convolution, as torchvision's builders make it",
               .hint = "torch.onnx.export traces such a model in Python"});
}

void build_vision_transformer(Scope s, const VisionTransformerRow& row, const Config& config,
                              const BuildOptions& options) {
  const std::int64_t stored = stored_side(s / "encoder", row.patch);
  s.computes(ModuleKind::kVit, {{"image_size", {stored * row.patch}},
                                {"patch_size", {row.patch}},
                                {"hidden_dim", {row.channels}}});
  const std::int64_t size = square_size(options, stored * row.patch, row.patch);
  const std::int64_t side = size / row.patch;
  const Scope stem = s / "conv_proj";
  require_one_convolution(stem);
  Value x = conv2d(stem, classifier_input(stem, config, options, {.only = size}),
                   {.out = row.channels, .kernel = row.patch, .stride = row.patch, .padding = 0});
  {
    const NameScope names(s.graph(), s.prefix());
    x = pad_axis(transpose(reshape(x, {0, row.channels, -1}), {0, 2, 1}), 1, 1, 0);
    x = x + positions(s, stored, side, row.channels);
  }
  // Whoever asks for what the encoder's modules give gets that of all tokens.
  const bool all = std::ranges::any_of(
      options.features, [](const std::string& path) { return path.starts_with("encoder"); });
  Value token = encoder(s / "encoder", x, row, all);
  if (all) token = pick(token, {0}, 1);
  classify(s / "heads", reshape(token, {0, row.channels}), config, options);
}

}  // namespace

std::vector<Model> vits() {
  return classifiers<VisionTransformerRow>(
      kVisionTransformerRows, build_vision_transformer,
      [](const VisionTransformerRow&) { return ClassifierSettings{.norm_eps = {}}; });
}

}  // namespace tv2onnx
