#include "zoo/mobilenetv3.h"

#include <array>
#include <span>

#include "nn/layers.h"
#include "nn/module_kinds.h"
#include "nn/quantised.h"

namespace tv2onnx {
namespace {

/// A row of torchvision's inverted residual setting; channel counts come from the weights.
struct MobileNetV3Block {
  std::int64_t kernel;
  bool expand;
  bool squeeze;
  bool hard_swish;
  std::int64_t stride;
  std::int64_t dilation = 1;  ///< above 1, the depthwise convolution has no stride
};

constexpr auto kLargeBlocks = std::to_array<MobileNetV3Block>({
    {3, false, false, false, 1},
    {3, true, false, false, 2},
    {3, true, false, false, 1},
    {5, true, true, false, 2},
    {5, true, true, false, 1},
    {5, true, true, false, 1},
    {3, true, false, true, 2},
    {3, true, false, true, 1},
    {3, true, false, true, 1},
    {3, true, false, true, 1},
    {3, true, true, true, 1},
    {3, true, true, true, 1},
    {5, true, true, true, 2},
    {5, true, true, true, 1},
    {5, true, true, true, 1},
});
constexpr std::size_t kDilated = 3;    // as many at the end, in the backbones of segmentation
constexpr std::size_t kFirstMap = 13;  // the layer in which SSDlite cuts the large network
constexpr auto kSmallBlocks = std::to_array<MobileNetV3Block>({
    {3, false, true, false, 2},
    {3, true, false, false, 2},
    {3, true, false, false, 1},
    {5, true, true, true, 2},
    {5, true, true, true, 1},
    {5, true, true, true, 1},
    {5, true, true, true, 1},
    {5, true, true, true, 1},
    {5, true, true, true, 2},
    {5, true, true, true, 1},
    {5, true, true, true, 1},
});

/// Only the small network squeezes in its first block.
bool is_small(Scope body) {
  return body.has("1.block.1.fc1.weight");
}

std::span<const MobileNetV3Block> blocks_of(Scope body) {
  return is_small(body) ? std::span<const MobileNetV3Block>(kSmallBlocks) : kLargeBlocks;
}

Value conv_norm(Scope s, Value x, const Conv2d& options, double eps) {
  return conv_norm(s / 0, s / 1, x, options, eps);
}

/// That of the Conv2dNormActivation `s`.
Value activation(Scope s, Value x, bool use_hard_swish) {
  (s / 2).computes(use_hard_swish ? ModuleKind::kHardswish : ModuleKind::kReLU);
  const NameScope names(s.graph(), s.prefix());
  return rounded(s / 2, activated(x, use_hard_swish ? Activation::kHardSwish : Activation::kRelu));
}

Value expanded(Scope s, Value x, const MobileNetV3Block& block, double eps) {
  return activation(s, conv_norm(s, x, {}, eps), block.hard_swish);
}

/// The layers of a block behind the expansion.
Value narrowed(Seq& layers, Value y, const MobileNetV3Block& block, double eps) {
  const std::int64_t channels = y.dim(1).number();
  const Scope depthwise = layers.next();
  y = conv_norm(depthwise, y,
                {.out = channels,
                 .kernel = block.kernel,
                 .stride = block.dilation > 1 ? 1 : block.stride,
                 .dilation = block.dilation,
                 .groups = channels},
                eps);
  y = activation(depthwise, y, block.hard_swish);
  if (block.squeeze) y = squeeze_excitation(layers.next(), y);
  return conv_norm(layers.next(), y, {}, eps);
}

Value inverted_residual(Scope s, Value x, const MobileNetV3Block& block, double eps) {
  Seq layers(s / "block");
  Value y = block.expand ? expanded(layers.next(), x, block, eps) : x;
  y = narrowed(layers, y, block, eps);
  const bool residual = block.stride == 1 && x.dim(1) == y.dim(1);
  s.computes(ModuleKind::kMobileNetV3Block, {{"use_res_connect", {residual}}});
  const NameScope names(s.graph(), s.prefix());
  if (residual) return rounded(s / "skip_add", x + y);
  (s / "skip_add").pass_over();  // quantised models have it in every block
  return y;
}

/// The first and the last layer.
Value conv_norm_swish(Scope s, Value x, const Conv2d& options, double eps) {
  return activation(s, conv_norm(s, x, options, eps), true);
}

}  // namespace

bool is_mobilenet_v3(Scope body) {
  return body.has("1.block.0.0.weight");
}

std::string mobilenet_v3_name(Scope body) {
  return is_small(body) ? "MobileNetV3-Small" : "MobileNetV3-Large";
}

std::vector<FeatureMap> mobilenet_v3_maps(Scope body, Value x, double norm_eps) {
  return dilated_mobilenet_v3_maps(body, x, norm_eps, false);
}

std::vector<FeatureMap> dilated_mobilenet_v3_maps(Scope body, Value x, double norm_eps,
                                                  bool dilated) {
  Value y = conv_norm(body / 0, x, {.kernel = 3, .stride = 2}, norm_eps);
  y = activation(body / 0, y, true);
  std::vector<FeatureMap> maps{{y, 2, "0"}};
  std::size_t index = 1;
  const std::span<const MobileNetV3Block> blocks = blocks_of(body);
  for (MobileNetV3Block block : blocks) {
    const Scope scope = body / index;
    if (!scope.has("block.0.0.weight")) return maps;
    if (dilated && index + kDilated > blocks.size()) block.dilation = 2;
    y = inverted_residual(scope, y, block, norm_eps);
    const std::int64_t stride = block.dilation > 1 ? 1 : block.stride;
    maps.push_back({y, stride * maps.back().stride, std::to_string(index)});
    ++index;
  }
  const Scope last = body / index;
  if (last.has("0.weight")) {
    y = activation(last, conv_norm(last, y, {}, norm_eps), true);
    maps.push_back({y, maps.back().stride, std::to_string(index)});
  }
  return maps;
}

std::vector<FeatureMap> mobilenet_v3_large_split(Scope features, Value x, double norm_eps) {
  const Scope first = features / 0;
  const Scope second = features / 1;
  const MobileNetV3Block& border = kLargeBlocks[kFirstMap - 1];
  Value y = conv_norm_swish(first / 0, x, {.kernel = 3, .stride = 2}, norm_eps);
  for (std::size_t k = 1; k < kFirstMap; ++k) {
    y = inverted_residual(first / k, y, kLargeBlocks[k - 1], norm_eps);
  }
  const Value wide = expanded(first / kFirstMap, y, border, norm_eps);
  Seq rest(second / 0);
  rest.skip();  // the slice of the block keeps its numbers
  y = narrowed(rest, wide, border, norm_eps);
  for (std::size_t k = kFirstMap; k < kLargeBlocks.size(); ++k) {
    y = inverted_residual(second / (k - kFirstMap + 1), y, kLargeBlocks[k], norm_eps);
  }
  const Value last =
      conv_norm_swish(second / (kLargeBlocks.size() - kFirstMap + 1), y, {}, norm_eps);
  return {{wide, 16}, {last, 32}};
}

}  // namespace tv2onnx
