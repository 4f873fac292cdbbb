#include "zoo/classification/densenet.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>

#include "nn/pooling.h"
#include "zoo/classification/classifier.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kSmallestDenseNet = 29;  // smaller images leave nothing for the last layers

constexpr std::int64_t kBottleneck = 4;  // growths

struct DenseNetRow {
  const char* name;
  const char* description;
  std::int64_t stem, growth;
  std::array<int, 4> layers;  ///< of each block
};
constexpr auto kDenseNetRows = std::to_array<DenseNetRow>({
    {"densenet121", "DenseNet-121", 64, 32, {6, 12, 24, 16}},
    {"densenet161", "DenseNet-161, wider", 96, 48, {6, 12, 36, 24}},
    {"densenet169", "DenseNet-169", 64, 32, {6, 12, 32, 32}},
    {"densenet201", "DenseNet-201", 64, 32, {6, 12, 48, 32}},
});

/// norm1, conv2, ...: torchvision's own files have norm.1, conv.2, as releases before 0.4.1 wrote.
Scope part(Scope layer, const char* name, int index) {
  const Scope old = layer / name / index;
  return old.has("weight") ? old : layer / fmt::format("{}{}", name, index);
}

/// Normalisation, ReLU, convolution.
Value norm_relu_conv(Scope layer, int index, Value x, Conv2d options, double eps) {
  options.bias = false;
  const Value y = batch_norm(part(layer, "norm", index), x, eps);
  return conv2d(part(layer, "conv", index),
                activate(layer / fmt::format("relu{}", index), y, Activation::kRelu), options);
}

/// All that came before, and the new channels.
Value dense_layer(Scope block, int index, Value x, std::int64_t growth, double eps) {
  const Scope s = block / fmt::format("denselayer{}", index);
  s.computes(ModuleKind::kDenseLayer);
  const Value narrow = norm_relu_conv(s, 1, x, {.out = kBottleneck * growth}, eps);
  const Value more = norm_relu_conv(s, 2, narrow, {.out = growth, .kernel = 3}, eps);
  const NameScope names(s.graph(), block.prefix());  // the block puts them together
  return concat({x, more}, 1);
}

/// Half of the channels, half of the size.
Value transition(Scope s, Value x, double eps) {
  const Value y = activate(s / "relu", batch_norm(s / "norm", x, eps), Activation::kRelu);
  const Value z = conv2d(s / "conv", y, {.out = x.dim(1).number() / 2, .bias = false});
  return average_pool2d(s / "pool", z, {.kernel = 2, .stride = 2});
}

void build_densenet(Scope s, const DenseNetRow& row, const Config& config,
                    const BuildOptions& options) {
  s.computes(ModuleKind::kDenseNet);
  const Scope features = s / "features";
  const double eps = norm_eps(config);
  Value x = classifier_input(features / "conv0", config, options, {.smallest = kSmallestDenseNet});
  x = conv2d(features / "conv0", x, {.out = row.stem, .kernel = 7, .stride = 2, .bias = false});
  x = activate(features / "relu0", batch_norm(features / "norm0", x, eps), Activation::kRelu);
  x = max_pool2d(features / "pool0", x, {.kernel = 3, .stride = 2, .padding = 1});
  for (std::size_t k = 1; k <= row.layers.size(); ++k) {
    const Scope block = features / fmt::format("denseblock{}", k);
    block.computes(ModuleKind::kDenseBlock);
    for (int n = 1; n <= row.layers[k - 1]; ++n) {
      x = dense_layer(block, n, x, row.growth, eps);
    }
    if (k == row.layers.size()) break;
    x = transition(features / fmt::format("transition{}", k), x, eps);
  }
  x = relu(s, batch_norm(features / "norm5", x, eps));  // a function of the model itself
  classify_maps(s, x, "classifier", {linear_layer()}, config, options);
}

}  // namespace

std::vector<Model> densenets() {
  return classifiers<DenseNetRow>(kDenseNetRows, build_densenet);
}

}  // namespace tv2onnx
