#include "zoo/classification/mnasnet.h"

#include <array>
#include <cstddef>

#include "zoo/classification/classifier.h"

namespace tv2onnx {
namespace {

struct MnasNetRow {
  const char* name;
  const char* description;
  std::array<std::int64_t, 8> channels;  ///< of the two layers of the stem, and of the stacks
};
constexpr auto kMnasNetRows = std::to_array<MnasNetRow>({
    {"mnasnet0_5", "MNASNet, half of the width", {16, 8, 16, 24, 40, 48, 96, 160}},
    {"mnasnet0_75", "MNASNet, 0.75 times the width", {24, 16, 24, 32, 64, 72, 144, 240}},
    {"mnasnet1_0", "MNASNet", {32, 16, 24, 40, 80, 96, 192, 320}},
    {"mnasnet1_3", "MNASNet, 1.3 times the width", {40, 24, 32, 56, 104, 128, 248, 416}},
});
// Files of torchvision 0.4 have this stem at every width, and load into it.
constexpr std::array<std::int64_t, 2> kFirstVersion{32, 16};

struct Stack {
  std::int64_t kernel, stride, expansion;
  int blocks;
};
constexpr auto kStacks = std::to_array<Stack>(
    {{3, 2, 3, 3}, {5, 2, 3, 3}, {5, 2, 6, 3}, {3, 1, 6, 2}, {5, 2, 6, 4}, {3, 1, 6, 1}});
constexpr int kFirstStack = 8;
constexpr int kLastLayer = 14;
constexpr std::int64_t kFeatures = 1280;

/// Layers `first` and behind of an nn.Sequential: convolution, normalisation, and a ReLU or not.
Value mnasnet_conv_norm(Scope layers, int first, Value x, const Conv2d& options, double eps,
                        bool activated = true) {
  const Value y = conv_norm(layers / first, layers / (first + 1), x, options, eps);
  return activated ? activate(layers / (first + 2), y, Activation::kRelu) : y;
}

Value mnasnet_depthwise(Scope layers, int first, Value x, std::int64_t kernel, std::int64_t stride,
                        double eps) {
  const std::int64_t channels = x.dim(1).number();
  return mnasnet_conv_norm(
      layers, first, x, {.out = channels, .kernel = kernel, .stride = stride, .groups = channels},
      eps);
}

Value inverted_residual(Scope s, Value x, std::int64_t out, const Stack& stack, std::int64_t stride,
                        double eps) {
  const bool residual = stride == 1 && x.dim(1) == Dim(out);
  s.computes(ModuleKind::kMnasNetBlock, {{"apply_residual", {residual}}});
  const Scope layers = s / "layers";
  Value y = mnasnet_conv_norm(layers, 0, x, {.out = x.dim(1).number() * stack.expansion}, eps);
  y = mnasnet_depthwise(layers, 3, y, stack.kernel, stride, eps);
  y = mnasnet_conv_norm(layers, 6, y, {.out = out}, eps, false);
  const NameScope names(s.graph(), s.prefix());
  return residual ? y + x : y;
}

void build_mnasnet(Scope s, const MnasNetRow& row, const Config& config,
                   const BuildOptions& options) {
  s.computes(ModuleKind::kMnasNet);
  const double eps = norm_eps(config);
  const Scope layers = s / "layers";
  std::array channels = row.channels;
  const std::optional<Shape> first = (layers / 0).shape("weight");
  if (first && !first->empty() && (*first)[0] == kFirstVersion[0]) {
    channels[0] = kFirstVersion[0];
    channels[1] = kFirstVersion[1];
  }
  Value x = classifier_input(layers / 0, config, options);
  x = mnasnet_conv_norm(layers, 0, x, {.out = channels[0], .kernel = 3, .stride = 2}, eps);
  x = mnasnet_depthwise(layers, 3, x, 3, 1, eps);
  x = mnasnet_conv_norm(layers, 6, x, {.out = channels[1]}, eps, false);
  for (std::size_t k = 0; k < kStacks.size(); ++k) {
    const Scope stack = layers / (kFirstStack + static_cast<int>(k));
    for (int n = 0; n < kStacks[k].blocks; ++n) {
      x = inverted_residual(stack / n, x, channels[k + 2], kStacks[k],
                            n == 0 ? kStacks[k].stride : 1, eps);
    }
  }
  x = mnasnet_conv_norm(layers, kLastLayer, x, {.out = kFeatures}, eps);
  classify_maps(s, x, "classifier", {dropout_layer(), linear_layer()}, config, options);
}

}  // namespace

std::vector<Model> mnasnets() {
  return classifiers<MnasNetRow>(kMnasNetRows, build_mnasnet);
}

}  // namespace tv2onnx
