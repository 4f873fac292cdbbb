#include "zoo/classification/shufflenetv2.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>

#include "nn/pooling.h"
#include "nn/quantised.h"
#include "zoo/classification/classifier.h"

namespace tv2onnx {
namespace {

constexpr std::array<int, 3> kShuffleNetBlocks{4, 8, 4};  // of stage2, stage3, stage4

struct ShuffleNetV2Row {
  const char* name;
  const char* description;
  std::array<std::int64_t, 5> channels;  ///< of conv1, the stages, conv5
};
constexpr auto kShuffleNetV2Rows = std::to_array<ShuffleNetV2Row>({
    {"shufflenet_v2_x0_5", "ShuffleNet V2, half of the width", {24, 48, 96, 192, 1024}},
    {"shufflenet_v2_x1_0", "ShuffleNet V2", {24, 116, 232, 464, 1024}},
    {"shufflenet_v2_x1_5", "ShuffleNet V2, 1.5 times the width", {24, 176, 352, 704, 1024}},
    {"shufflenet_v2_x2_0", "ShuffleNet V2, twice the width", {24, 244, 488, 976, 2048}},
});

/// The layers `first` and behind of a branch: convolution, normalisation, and a ReLU or not.
Value shuffle_conv_norm(Scope branch, int first, Value x, const Conv2d& options, double eps,
                        bool activated) {
  const Value y = conv_norm(branch / first, branch / (first + 1), x, options, eps);
  return activated ? activate(branch / (first + 2), y, Activation::kRelu) : y;
}

Value shuffle_depthwise(Scope branch, int first, Value x, std::int64_t stride, double eps) {
  const std::int64_t channels = x.dim(1).number();
  return shuffle_conv_norm(branch, first, x,
                           {.out = channels, .kernel = 3, .stride = stride, .groups = channels},
                           eps, false);
}

/// The branch that all blocks have.
Value second_branch(Scope branch, Value x, std::int64_t out, std::int64_t stride, double eps) {
  const Value y = shuffle_conv_norm(branch, 0, x, {.out = out}, eps, true);
  return shuffle_conv_norm(branch, 5, shuffle_depthwise(branch, 3, y, stride, eps), {.out = out},
                           eps, true);
}

/// Both halves of the channels, through a branch each, and shuffled.
Value shuffle_block(Scope s, Value x, std::int64_t out, std::int64_t stride, double eps) {
  s.computes(ModuleKind::kShuffleNetV2Block, {{"stride", {stride}}});
  const std::int64_t half = out / 2;
  const auto joined = [&](Value first, Value second) {
    const NameScope names(s.graph(), s.prefix());
    return channel_shuffle(rounded(s / "cat", concat({first, second}, 1)), 2);
  };
  if (stride > 1) {
    const Scope branch = s / "branch1";
    const Value first = shuffle_conv_norm(branch, 2, shuffle_depthwise(branch, 0, x, stride, eps),
                                          {.out = half}, eps, true);
    return joined(first, second_branch(s / "branch2", x, half, stride, eps));
  }
  Value kept, passed;
  {
    const NameScope names(s.graph(), s.prefix());
    kept = slice_channels(x, 0, half);
    passed = slice_channels(x, half, out);
  }
  return joined(kept, second_branch(s / "branch2", passed, half, stride, eps));
}

void build_shufflenetv2(Scope s, const ShuffleNetV2Row& row, const Config& config,
                        const BuildOptions& options) {
  s.computes(ModuleKind::kShuffleNetV2);
  const double eps = norm_eps(config);
  Value x = rounded(s / "quant", classifier_input(s / "conv1" / 0, config, options));
  x = shuffle_conv_norm(s / "conv1", 0, x, {.out = row.channels[0], .kernel = 3, .stride = 2}, eps,
                        true);
  x = max_pool2d(s / "maxpool", x, {.kernel = 3, .stride = 2, .padding = 1});
  for (std::size_t k = 0; k < kShuffleNetBlocks.size(); ++k) {
    const Scope stage = s / fmt::format("stage{}", k + 2);
    for (int n = 0; n < kShuffleNetBlocks[k]; ++n) {
      x = shuffle_block(stage / n, x, row.channels[k + 1], n == 0 ? 2 : 1, eps);
    }
  }
  x = shuffle_conv_norm(s / "conv5", 0, x, {.out = row.channels[4]}, eps, true);
  classify_maps(s, x, "fc", {linear_layer()}, config, options);
}

}  // namespace

std::vector<Model> shufflenets() {
  return classifiers<ShuffleNetV2Row>(kShuffleNetV2Rows, build_shufflenetv2);
}

}  // namespace tv2onnx
