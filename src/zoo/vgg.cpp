#include "zoo/vgg.h"

#include "nn/computed_parts.h"
#include "nn/layers.h"

namespace tv2onnx {
namespace {

constexpr int kPoolThatRoundsUp = 3;

}  // namespace

VggLayers vgg_layers(Scope s, Value x, int pools_before, double norm_eps) {
  VggLayers layers{x, 0, pools_before};
  while (true) {
    int k = layers.next;
    const bool pool = !(s / k).has("weight");
    if (pool && !(s / (k + 1)).has("weight")) return layers;
    if (pool) {
      const NameScope names(s.graph(), (s / k).prefix());
      const PoolAttributes halving{.ceil = ++layers.pools == kPoolThatRoundsUp};
      computes_max_pool(s / k, halving);
      layers.x = max_pool(layers.x, halving);
      ++k;
    }
    layers.x = conv2d(s / k, layers.x, {.out = kAny, .kernel = 3});
    const bool normalised = (s / (k + 1)).has("running_mean");
    if (normalised) layers.x = batch_norm(s / ++k, layers.x, norm_eps);
    (s / (k + 1)).computes(ModuleKind::kReLU);
    const NameScope names(s.graph(), (s / k).prefix());
    layers.x = relu(layers.x);
    layers.next = k + 2;
  }
}

}  // namespace tv2onnx
