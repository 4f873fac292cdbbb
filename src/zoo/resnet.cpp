#include "zoo/resnet.h"

#include <fmt/format.h>

#include <algorithm>

#include "nn/layers.h"

namespace tv2onnx {
namespace {

constexpr int kLayers = 4;

/// conv1 with bn1, conv2 with bn2, ...
Value conv_norm(Scope s, int index, Value x, Conv2d options, double eps) {
  options.bias = false;
  const Value y = conv2d(s / fmt::format("conv{}", index), x, options);
  return batch_norm(s / fmt::format("bn{}", index), y, eps);
}

Value shortcut(Scope s, Value x, std::int64_t channels, std::int64_t stride, double eps) {
  const Scope downsample = s / "downsample";
  if (!downsample.has("0.weight")) return x;
  const Conv2d options{.out = channels, .stride = stride, .bias = false};
  return batch_norm(downsample / 1, conv2d(downsample / 0, x, options), eps);
}

Value joined(Scope s, Value branch, Value x, std::int64_t stride, double eps) {
  const Value identity = shortcut(s, x, branch.dim(1).number(), stride, eps);
  const NameScope names(s.graph(), s.prefix());
  return relu(branch + identity);
}

Value basic_block(Scope s, Value x, std::int64_t stride, double eps) {
  Value y = relu(conv_norm(s, 1, x, {.kernel = 3, .stride = stride}, eps));
  y = conv_norm(s, 2, y, {.kernel = 3}, eps);
  return joined(s, y, x, stride, eps);
}

/// The number of groups is what divides the input channels down to those of the weight.
std::int64_t groups_of(Scope conv, std::int64_t in) {
  const std::optional<Shape> weight = conv.shape("weight");
  if (!weight || weight->size() != 4 || (*weight)[1] < 1) return 1;
  return std::max<std::int64_t>(1, in / (*weight)[1]);
}

Value bottleneck(Scope s, Value x, std::int64_t stride, double eps) {
  Value y = relu(conv_norm(s, 1, x, {}, eps));
  const std::int64_t width = y.dim(1).number();
  const std::int64_t groups = groups_of(s / "conv2", width);
  y = relu(
      conv_norm(s, 2, y, {.out = width, .kernel = 3, .stride = stride, .groups = groups}, eps));
  y = conv_norm(s, 3, y, {}, eps);
  return joined(s, y, x, stride, eps);
}

Value layer(Scope s, Value x, std::int64_t stride, double eps) {
  for (int k = 0; k == 0 || (s / k).has("conv1.weight"); ++k) {
    const Scope block = s / k;
    const std::int64_t step = k == 0 ? stride : 1;
    x = block.has("conv3.weight") ? bottleneck(block, x, step, eps)
                                  : basic_block(block, x, step, eps);
  }
  return x;
}

}  // namespace

std::vector<FeatureMap> resnet_maps(Scope body, Value x, double norm_eps) {
  Value y = relu(conv_norm(body, 1, x, {.kernel = 7, .stride = 2}, norm_eps));
  {
    const NameScope names(body.graph(), (body / "maxpool").prefix());
    y = max_pool(y, {.kernel = 3, .stride = 2, .padding = 1});
  }
  std::vector<FeatureMap> maps;
  std::int64_t stride = 4;
  for (int k = 1; k <= kLayers; ++k) {
    const Scope stage = body / fmt::format("layer{}", k);
    if (k > 1 && !stage.has("0.conv1.weight")) break;
    y = layer(stage, y, k == 1 ? 1 : 2, norm_eps);
    maps.push_back({y, stride});
    stride *= 2;
  }
  return maps;
}

}  // namespace tv2onnx
