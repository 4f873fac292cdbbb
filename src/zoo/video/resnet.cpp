#include "zoo/video/resnet.h"

#include <fmt/format.h>

#include <array>

#include "nn/computed_parts.h"
#include "nn/layers3d.h"
#include "zoo/video/clip_classifier.h"

namespace tv2onnx {
namespace {

/// Conv3DSimple, Conv3DNoTemporal, Conv2Plus1D
enum class Maker { kSimple, kNoTemporal, kFactored };

struct VideoResNetRow {
  const char* name;
  const char* description;
  Maker first;  ///< of the stem and layer1
  Maker rest;
};
constexpr auto kVideoResNetRows = std::to_array<VideoResNetRow>(
    {{"r3d_18", "ResNet-18 of 3D convolutions", Maker::kSimple, Maker::kSimple},
     {"mc3_18", "ResNet-18, 3D convolutions in the first layer", Maker::kSimple,
      Maker::kNoTemporal},
     {"r2plus1d_18", "ResNet-18 of (2+1)D convolutions", Maker::kFactored, Maker::kFactored}});

constexpr std::int64_t kVideoResNetBlocks = 2;
constexpr std::array<std::int64_t, 4> kWidths{64, 128, 256, 512};

Conv3d simple(std::int64_t out, std::int64_t stride) {
  return {
      .out = out, .kernel = {3, 3, 3}, .stride = {stride, stride, stride}, .padding = {1, 1, 1}};
}
Conv3d in_space(std::int64_t out, std::int64_t stride) {
  return {.out = out, .kernel = {1, 3, 3}, .stride = {1, stride, stride}, .padding = {0, 1, 1}};
}
Conv3d in_time(std::int64_t out, std::int64_t stride) {
  return {.out = out, .kernel = {3, 1, 1}, .stride = {stride, 1, 1}, .padding = {1, 0, 0}};
}

/// nn.Sequential of what the maker makes and BatchNorm3d, with or without ReLU.
Value conv_norm(Scope s, Maker maker, Value x, std::int64_t out, std::int64_t stride, double eps,
                Activation activation) {
  Value y;
  if (maker != Maker::kFactored) {
    const Conv3d options = maker == Maker::kSimple ? simple(out, stride) : in_space(out, stride);
    y = conv_norm3d(s / 0, s / 1, x, options, eps, activation);
  } else {
    const Scope pair = s / 0;
    y = conv_norm3d(pair / 0, pair / 1, x, in_space(kAny, stride), eps, Activation::kRelu);
    computes_activation(pair / 2, Activation::kRelu);
    y = conv_norm3d(pair / 3, s / 1, y, in_time(out, stride), eps, activation);
  }
  if (activation != Activation::kNone) computes_activation(s / 2, activation);
  return y;
}

Value shortcut(Scope s, Maker maker, Value x, std::int64_t out, std::int64_t stride, double eps) {
  if (stride == 1 && x.dim(1) == Dim(out)) return x;
  const std::int64_t time = maker == Maker::kNoTemporal ? 1 : stride;
  return conv_norm3d(s / 0, s / 1, x, {.out = out, .stride = {time, stride, stride}}, eps);
}

Value block(Scope s, Maker maker, Value x, std::int64_t out, std::int64_t stride, double eps) {
  s.computes(ModuleKind::kVideoBasicBlock);
  Value y = conv_norm(s / "conv1", maker, x, out, stride, eps, Activation::kRelu);
  y = conv_norm(s / "conv2", maker, y, out, 1, eps, Activation::kNone);
  computes_activation(s / "relu", Activation::kRelu);
  const Value identity = shortcut(s / "downsample", maker, x, out, stride, eps);
  const NameScope names(s.graph(), s.prefix());
  return relu(y + identity);
}

Value stem(Scope s, Maker maker, Value x, double eps) {
  const auto part = [&](int first, Value y, const Conv3d& options) {
    const Value z = conv_norm3d(s / first, s / (first + 1), y, options, eps, Activation::kRelu);
    computes_activation(s / (first + 2), Activation::kRelu);
    return z;
  };
  const std::int64_t time = maker == Maker::kFactored ? 1 : 3;
  const Value y =
      part(0, x, {.kernel = {time, 7, 7}, .stride = {1, 2, 2}, .padding = {time / 2, 3, 3}});
  return maker == Maker::kFactored ? part(3, y, in_time(kAny, 1)) : y;
}

void build_video_resnet(Scope s, const VideoResNetRow& row, const Config& config,
                        const BuildOptions& options) {
  s.computes(ModuleKind::kVideoResNet);
  const double eps = norm_eps(config);
  Value x = stem(s / "stem", row.first, clip_input(s / "stem" / 0), eps);
  for (std::size_t layer = 0; layer < kWidths.size(); ++layer) {
    const Scope blocks = s / fmt::format("layer{}", layer + 1);
    const Maker maker = layer == 0 ? row.first : row.rest;
    for (std::int64_t k = 0; k < kVideoResNetBlocks; ++k) {
      x = block(blocks / k, maker, x, kWidths[layer], layer > 0 && k == 0 ? 2 : 1, eps);
    }
  }
  classify_features(s / "fc", mean_over_clip(s / "avgpool", x), {linear_layer()}, config, options);
}

}  // namespace

std::vector<Model> video_resnets() {
  return of_clips(classifiers<VideoResNetRow>(kVideoResNetRows, build_video_resnet),
                  kinetics_frames({128, 171}, 112));
}

}  // namespace tv2onnx
