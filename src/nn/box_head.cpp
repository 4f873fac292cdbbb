#include "nn/box_head.h"

#include "nn/layer_chain.h"
#include "nn/layers.h"
#include "nn/module_kinds.h"

namespace tv2onnx {
namespace {

/// A linear layer on features [channels, height, width]. Where they come transposed its weight is
/// turned in the graph, which runtimes do once when they load the file.
Value linear_on_pooled(Scope s, const PooledRois& pooled) {
  const NameScope names(s.graph(), s.prefix());
  s.computes(ModuleKind::kLinear);
  const Value x = flatten(pooled.features);
  const std::int64_t in = x.dim(1).number();
  Value weight = s.weight("weight", {kAny, in});
  const std::int64_t out = weight.dim(0).number();
  if (pooled.transposed) {
    const auto size = [&](std::size_t axis) { return pooled.features.dim(axis).number(); };
    weight = reshape(weight, {out, size(3), size(2), size(1)});
    weight = reshape(transpose(weight, {0, 3, 2, 1}), {out, in});
  }
  return gemm(x, weight, s.weight("bias", {out}));
}

/// [channels, height, width], also where they come transposed.
PooledRois upright(Scope s, PooledRois pooled) {
  if (!pooled.transposed) return pooled;
  const NameScope names(s.graph(), s.prefix());
  pooled.features = transpose(pooled.features, {0, 3, 2, 1});
  pooled.transposed = false;
  return pooled;
}

/// Convolutions, Flatten, and pairs of Linear and ReLU.
Value conv_fc_head(Scope s, PooledRois pooled, double norm_eps) {
  Seq layers(s);
  Scope layer = layers.next();
  if (layer.has("0.weight")) pooled = upright(s, pooled);
  for (; layer.has("0.weight"); layer = layers.next()) {
    pooled.features = conv_norm_relu(layer, pooled.features, norm_eps);
  }
  layer.computes(ModuleKind::kFlatten,
                 {{"start_dim", {std::int64_t{1}}}, {"end_dim", {std::int64_t{-1}}}});
  Value x = linear_on_pooled(layers.next(), pooled);
  layers.next().computes(ModuleKind::kReLU);
  x = relu(s, x);
  for (layer = layers.next(); layer.has("weight"); layer = layers.next()) {
    x = linear(layer, x, kAny);
    layers.next().computes(ModuleKind::kReLU);
    x = relu(s, x);
  }
  return x;
}

}  // namespace

Value box_head(Scope s, const PooledRois& pooled, double norm_eps) {
  if (is_layer_chain(s)) return layer_chain(s, upright(s, pooled).features);
  const bool sequential = s.has("0.0.weight") || s.has("1.weight");
  if (sequential) return conv_fc_head(s, pooled, norm_eps);
  s.computes(ModuleKind::kBoxHead);
  const Value x = relu(s, linear_on_pooled(s / "fc6", pooled));
  return relu(s, linear(s / "fc7", x, kAny));
}

}  // namespace tv2onnx
