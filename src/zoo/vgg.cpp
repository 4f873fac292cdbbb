#include "zoo/vgg.h"

#include "nn/computed_parts.h"
#include "nn/layers.h"

namespace tv2onnx {

VggLayers vgg_layers(Scope s, Value x, const VggOptions& options) {
  VggLayers layers{x, 0, options.pools_before};
  while (true) {
    int k = layers.next;
    const bool pool = !(s / k).has("weight");
    if (pool && !(s / (k + 1)).has("weight")) return layers;
    if (pool) {
      const NameScope names(s.graph(), (s / k).prefix());
      const PoolAttributes halving{.ceil = ++layers.pools == options.pool_that_rounds_up};
      computes_max_pool(s / k, halving);
      layers.x = max_pool(layers.x, halving);
      layers.convolutions.push_back(0);
      ++k;
    }
    layers.x = conv2d(s / k, layers.x, {.out = kAny, .kernel = 3});
    ++layers.convolutions.back();
    const bool normalised = (s / (k + 1)).has("running_mean");
    if (normalised) layers.x = batch_norm(s / ++k, layers.x, options.norm_eps);
    (s / (k + 1)).computes(ModuleKind::kReLU);
    const NameScope names(s.graph(), (s / (k + 1)).prefix());
    layers.x = relu(layers.x);
    layers.next = k + 2;
  }
}

}  // namespace tv2onnx
