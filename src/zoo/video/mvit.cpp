#include "zoo/video/mvit.h"

#include <array>

#include "nn/computed_parts.h"
#include "nn/multiscale_attention.h"
#include "zoo/video/clip_classifier.h"
#include "zoo/video/mvit_size.h"

namespace tv2onnx {
namespace {

struct MvitRow {
  const char* name;
  const char* description;
  bool second;  ///< v2: relative positions, residual pooling, projection behind the attention
};
constexpr auto kMvitRows = std::to_array<MvitRow>(
    {{"mvit_v1_b", "MViT v1, base", false}, {"mvit_v2_s", "MViT v2, small", true}});

struct MvitBlock {
  std::int64_t heads;
  std::int64_t query_stride;
  std::int64_t key_stride;
};
constexpr std::array<MvitBlock, 16> kMvitBlocks{{{1, 1, 8},
                                                 {2, 2, 4},
                                                 {2, 1, 4},
                                                 {4, 2, 2},
                                                 {4, 1, 2},
                                                 {4, 1, 2},
                                                 {4, 1, 2},
                                                 {4, 1, 2},
                                                 {4, 1, 2},
                                                 {4, 1, 2},
                                                 {4, 1, 2},
                                                 {4, 1, 2},
                                                 {4, 1, 2},
                                                 {4, 1, 2},
                                                 {8, 2, 1},
                                                 {8, 1, 1}}};

Value mlp(Scope s, Value x) {
  const Value wide = activate(s / 1, linear_of_rows(s / 0, x, kAny), Activation::kGelu);
  computes_activation(s / 2, Activation::kNone);
  const Value narrow = linear_of_rows(s / 3, wide, kAny);
  computes_activation(s / 4, Activation::kNone);
  return narrow;
}

ClipTokens block(Scope s, ClipTokens tokens, const MvitBlock& form, bool second) {
  s.computes(ModuleKind::kMvitBlock,
             {{"proj_after_attn", {second}}, {"needs_transposal", {false}}});
  const NameScope names(s.graph(), s.prefix());
  const Scope project = s / "project";
  const bool projects = project.has("weight");
  const Value normed = layer_norm(s / "norm1", tokens.x, kMvitNormEps);
  const ClipTokens found = multiscale_attention(
      s / "attn", {normed, tokens.grid}, {form.heads, form.query_stride, form.key_stride, second});
  if (projects && second) tokens.x = linear_of_rows(project, normed, kAny);
  if (form.query_stride > 1) tokens = halved(s / "pool_skip", tokens);
  const Value x = tokens.x + found.x;
  const Value inner = layer_norm(s / "norm2", x, kMvitNormEps);
  const Value kept = projects && !second ? linear_of_rows(project, inner, kAny) : x;
  return {kept + mlp(s / "mlp", inner), found.grid};
}

/// A class token before the places of the clip, with what v1 adds for where they are.
ClipTokens with_positions(Scope s, Value clip, const MvitSize& size) {
  const auto& [t, h, w] = size.grid;
  s.computes(ModuleKind::kMvitPositions,
             {{"temporal_size", {t}}, {"spatial_size", {SettingList{{h}, {w}}}}});
  const NameScope names(s.graph(), s.prefix());
  const std::int64_t channels = clip.dim(1).number();
  Value places = transpose(reshape(clip, {0, channels, t * h * w}), {0, 2, 1});
  Value token = s.weight("class_token", {channels});
  if (s.has("spatial_pos")) {
    const Value time = unsqueeze(s.weight("temporal_pos", {t, channels}), {1});
    const Value positions = time + s.weight("spatial_pos", {h * w, channels});
    places = places + reshape(positions, {t * h * w, channels});
    token = token + s.weight("class_pos", {channels});
  }
  const Value count = concat({size_of(clip, 0), ints(s.graph(), {1, channels})}, 0);
  const Value first = reshape(expand(reshape(token, {1, 1, channels}), count), {-1, 1, channels});
  return {concat({first, places}, 1), size.grid};
}

void build_mvit(Scope s, const MvitRow& row, const Config& config, const BuildOptions& options) {
  s.computes(ModuleKind::kMvit);
  const Scope patches = s / "conv_proj";
  const MvitSize size = mvit_size(s, config);
  const Value input = fixed_clip_input(patches, size.pixels);
  const Value clip =
      conv3d(patches, input,
             {.kernel = {3, 7, 7}, .stride = {2, 4, 4}, .padding = {1, 3, 3}, .bias = true});
  ClipTokens tokens = with_positions(s / "pos_encoding", clip, size);
  for (std::size_t k = 0; k < kMvitBlocks.size(); ++k) {
    tokens = block(s / "blocks" / k, tokens, kMvitBlocks[k], row.second);
  }
  // Nothing but the class token counts from here on.
  const Value token = squeeze(pick(tokens.x, {0}, 1), {1});
  classify_features(s / "head", layer_norm(s / "norm", token, kMvitNormEps),
                    {dropout_layer(), linear_layer()}, config, options);
}

}  // namespace

std::vector<Model> mvits() {
  PhotoSpec frames = kinetics_frames({256}, 224);
  frames.mean = {0.45};
  frames.std = {0.225};
  return of_clips(classifiers<MvitRow>(kMvitRows, build_mvit,
                                       [](const MvitRow&) {
                                         return ClassifierSettings{.norm_eps = std::nullopt,
                                                                   .more = mvit_size_options()};
                                       }),
                  frames);
}

}  // namespace tv2onnx
