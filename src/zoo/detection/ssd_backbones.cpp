#include "zoo/detection/ssd_backbones.h"

#include "nn/computed_parts.h"
#include "nn/layers.h"
#include "zoo/mobilenetv3.h"
#include "zoo/vgg.h"

namespace tv2onnx {
namespace {

constexpr int kPoolThatRoundsUp = 3;
constexpr double kSmallestNorm = 1e-12;    // of F.normalize
constexpr std::size_t kStridedBlocks = 2;  // of the extra ones; the later ones have no padding

/// Each position to length 1, then times a weight per channel.
Value rescaled(Scope s, Value x) {
  const NameScope names(s.graph(), s.prefix());
  const Value length = reduce_l2(x, {1}, true);
  const Value weight = s.weight("scale_weight", {x.dim(1).number()});
  // max(length, kSmallestNorm), in operators that OpenCV's dnn has.
  const Value divisor = relu(length - kSmallestNorm) + kSmallestNorm;
  return x / divisor * unsqueeze(weight, {1, 2});
}

/// Children `k` and `k` + 1 of an nn.Sequential.
Value conv_relu(Scope s, int k, Value x, const Conv2d& options) {
  const Value y = conv2d(s / k, x, options);
  (s / (k + 1)).computes(ModuleKind::kReLU);
  const NameScope names(s.graph(), (s / k).prefix());
  return relu(y);
}

/// conv5 and the dilated convolutions that stand for VGG's first linear layers.
Value first_extra_block(Scope s, const VggLayers& before, double norm_eps) {
  const VggLayers conv5 = vgg_layers(s, before.x,
                                     {.norm_eps = norm_eps,
                                      .pools_before = before.pools,
                                      .pool_that_rounds_up = kPoolThatRoundsUp});
  const Scope fc = s / conv5.next;
  const PoolAttributes pool{.kernel = 3, .stride = 1, .padding = 1};
  computes_max_pool(fc / 0, pool);
  Value x;
  {
    const NameScope names(s.graph(), (fc / 0).prefix());
    x = max_pool(conv5.x, pool);
  }
  x = conv_relu(fc, 1, x, {.kernel = 3, .padding = 6, .dilation = 6});
  return conv_relu(fc, 3, x, {});
}

std::int64_t kernel_of(Scope conv) {
  const std::optional<Shape> weight = conv.shape("weight");
  return weight && weight->size() == 4 ? (*weight)[3] : 3;
}

}  // namespace

std::vector<FeatureMap> ssd_vgg_maps(Scope s, Value x, double norm_eps) {
  s.computes(ModuleKind::kSsdVgg);
  const VggLayers conv4 = vgg_layers(
      s / "features", x, {.norm_eps = norm_eps, .pool_that_rounds_up = kPoolThatRoundsUp});
  const Scope extra = s / "extra";
  std::vector<FeatureMap> maps{{rescaled(s, conv4.x), 8}};
  maps.push_back({first_extra_block(extra / 0, conv4, norm_eps), 16});
  for (std::size_t k = 1; k == 1 || (extra / k).has("0.weight"); ++k) {
    const bool strided = k <= kStridedBlocks;
    const Value narrow = conv_relu(extra / k, 0, maps.back().x, {});
    const Conv2d options{
        .kernel = kernel_of(extra / k / 2), .stride = strided ? 2 : 1, .padding = strided ? 1 : 0};
    maps.push_back({conv_relu(extra / k, 2, narrow, options), maps.back().stride * options.stride});
  }
  return maps;
}

std::vector<FeatureMap> ssdlite_mobilenet_maps(Scope s, Value x, double norm_eps) {
  s.computes(ModuleKind::kSsdliteMobileNet);
  std::vector<FeatureMap> maps = mobilenet_v3_large_split(s / "features", x, norm_eps);
  for (std::size_t k = 0; k == 0 || (s / "extra" / k).has("0.0.weight"); ++k) {
    const Scope block = s / "extra" / k;
    Value y = conv_norm_relu6(block / 0, maps.back().x, {}, norm_eps);
    const std::int64_t channels = y.dim(1).number();
    y = conv_norm_relu6(block / 1, y,
                        {.out = channels, .kernel = 3, .stride = 2, .groups = channels}, norm_eps);
    maps.push_back({conv_norm_relu6(block / 2, y, {}, norm_eps), maps.back().stride * 2});
  }
  return maps;
}

}  // namespace tv2onnx
