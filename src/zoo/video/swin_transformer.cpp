#include "zoo/video/swin_transformer.h"

#include <array>

#include "nn/computed_parts.h"
#include "nn/layers3d.h"
#include "nn/pooling.h"
#include "zoo/swin_stages.h"
#include "zoo/video/clip_classifier.h"

namespace tv2onnx {
namespace {

struct VideoSwinRow {
  const char* name;
  const char* description;
  std::int64_t channels;
  std::array<int, 4> blocks;
  std::int64_t heads;  ///< of the first stage
};
constexpr auto kVideoSwinRows = std::to_array<VideoSwinRow>({
    {"swin3d_t", "Swin Transformer of clips, tiny", 96, {2, 2, 6, 2}, 3},
    {"swin3d_s", "Swin Transformer of clips, small", 96, {2, 2, 18, 2}, 3},
    {"swin3d_b", "Swin Transformer of clips, base", 128, {2, 2, 18, 2}, 4},
});

constexpr std::array<std::int64_t, 3> kPatch{2, 4, 4};  // time, height, width

/// The clip with zeros behind it, so that patches fill it.
Value in_whole_patches(Value clip) {
  Graph& graph = *clip.graph;
  std::vector<Value> pads{ints(graph, {0, 0, 0, 0, 0, 0, 0})};
  for (std::size_t k = 0; k < kPatch.size(); ++k) {
    const Value side = ints(graph, {kPatch.at(k)});
    const Value length = size_of(clip, static_cast<std::int64_t>(k) + 2);
    const Value patches = (length + ints(graph, {kPatch.at(k) - 1})) / side;
    pads.push_back(patches * side - length);
  }
  return pad(clip, concat(pads, 0));
}

TokenMap patch_embedding(Scope s, std::int64_t channels) {
  s.computes(ModuleKind::kPatchEmbed3d,
             {{"tuple_patch_size", {SettingList{{kPatch[0]}, {kPatch[1]}, {kPatch[2]}}}}});
  Value clip = clip_input(s / "proj");
  {
    const NameScope names(s.graph(), s.prefix());
    clip = in_whole_patches(clip);
  }
  const Value map =
      conv3d(s / "proj", clip, {.out = channels, .kernel = kPatch, .stride = kPatch, .bias = true});
  const NameScope names(s.graph(), s.prefix());
  const Value tokens = transpose(reshape(map, {0, channels, -1}), {0, 2, 1});
  return {layer_norm(s / "norm", tokens, kSwinNormEps),
          {size_of(map, 2), size_of(map, 3), size_of(map, 4)}};
}

void build_video_swin_transformer(Scope s, const VideoSwinRow& row, const Config& config,
                                  const BuildOptions& options) {
  s.computes(ModuleKind::kSwin3d);
  TokenMap map = patch_embedding(s / "patch_embed", row.channels);
  computes_activation(s / "pos_drop", Activation::kNone);
  Seq features(s / "features");
  const WindowAttention windows{
      .heads = row.heads, .side = {8, 7, 7}, .shift = {0, 0, 0}, .fitted = true};
  const std::vector<TokenMap> given = swin_stages(features, map, {row.blocks, windows});
  const Value tokens = layer_norm(s / "norm", map.tokens, kSwinNormEps);
  classify_features(s / "head", mean_over_places(s / "avgpool", tokens), {linear_layer()}, config,
                    options);
  swin_features(s.graph(), options.features, given);
}

}  // namespace

std::vector<Model> swins_3d() {
  PhotoSpec frames = kinetics_frames({256}, 224);
  frames.mean = PhotoSpec{}.mean;
  frames.std = PhotoSpec{}.std;
  return of_clips(classifiers<VideoSwinRow>(
                      kVideoSwinRows, build_video_swin_transformer,
                      [](const VideoSwinRow&) { return ClassifierSettings{.norm_eps = {}}; }),
                  frames);
}

}  // namespace tv2onnx
