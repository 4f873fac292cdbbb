#include "zoo/mobilenetv2.h"

#include <algorithm>
#include <array>

#include "nn/layers.h"
#include "nn/module_kinds.h"
#include "nn/quantised.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kMobileNetV2Blocks = 17;
constexpr auto kHalving = std::to_array<std::size_t>({2, 4, 7, 14});  // blocks of stride 2

Value inverted_residual(Scope s, Value x, std::int64_t stride, Activation activation, double eps) {
  Seq layers(s / "conv");
  Value y = x;
  // The first block has no expansion: its second layer is no Conv2dNormActivation.
  if ((s / "conv" / 1).has("0.weight")) {
    y = conv_norm_activation(layers.next(), y, {}, activation, eps);
  }
  const std::int64_t channels = y.dim(1).number();
  y = conv_norm_activation(layers.next(), y,
                           {.out = channels, .kernel = 3, .stride = stride, .groups = channels},
                           activation, eps);
  const Scope conv = layers.next();
  y = conv_norm(conv, layers.next(), y, {}, eps);
  const bool residual = stride == 1 && x.dim(1) == y.dim(1);
  s.computes(ModuleKind::kMobileNetV2Block, {{"use_res_connect", {residual}}});
  const NameScope names(s.graph(), s.prefix());
  if (residual) return rounded(s / "skip_add", x + y);
  (s / "skip_add").pass_over();  // converted models have it in every block
  return y;
}

}  // namespace

bool is_mobilenet_v2(Scope body) {
  return body.has("1.conv.0.0.weight");
}

std::vector<FeatureMap> mobilenet_v2_maps(Scope body, Value x, double norm_eps) {
  return mobilenet_v2_maps(body, x, Activation::kRelu6, norm_eps);
}

std::vector<FeatureMap> mobilenet_v2_maps(Scope body, Value x, Activation activation,
                                          double norm_eps) {
  Value y = conv_norm_activation(body / 0, x, {.kernel = 3, .stride = 2}, activation, norm_eps);
  std::vector<FeatureMap> maps{{y, 2, "0"}};
  for (std::size_t k = 1; k <= kMobileNetV2Blocks; ++k) {
    if (!(body / k).has("conv.0.0.weight")) return maps;
    const bool halving = std::ranges::find(kHalving, k) != kHalving.end();
    const std::int64_t stride = halving ? 2 : 1;
    y = inverted_residual(body / k, y, stride, activation, norm_eps);
    maps.push_back({y, stride * maps.back().stride, std::to_string(k)});
  }
  const Scope last = body / (kMobileNetV2Blocks + 1);
  if (last.has("0.weight")) {
    y = conv_norm_activation(last, y, {}, activation, norm_eps);
    maps.push_back({y, maps.back().stride, std::to_string(kMobileNetV2Blocks + 1)});
  }
  return maps;
}

}  // namespace tv2onnx
