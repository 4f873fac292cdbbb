#include "nn/mask_branch.h"

#include <fmt/format.h>

#include "nn/computed_parts.h"
#include "nn/layer_chain.h"
#include "nn/layers.h"

namespace tv2onnx {
namespace {

constexpr double kMaskNormEps = 1e-5;  // BatchNorm2d's default, whatever the backbone has

/// Conv2dNormActivations, as many as there are weights. Up to torchvision 0.12 they were bare
/// convolutions called mask_fcn1, mask_fcn2, ...
Value mask_head(Scope s, Value x) {
  if (is_layer_chain(s)) return layer_chain(s, x);
  const auto old = [&](int k) { return s / fmt::format("mask_fcn{}", k + 1); };
  for (int k = 0; old(k).has("weight"); ++k) {
    x = conv2d(old(k), x, {.kernel = 3});
    (s / fmt::format("relu{}", k + 1)).computes(ModuleKind::kReLU);
    x = relu(old(k), x);
  }
  for (int k = 0; (s / k).has("0.weight"); ++k) x = conv_norm_relu(s / k, x, kMaskNormEps);
  return x;
}

/// The channel of its label of each row: mask_fcn_logits is a product with one row of its weight,
/// so the other channels need not be computed.
Value logits_of_labels(Scope s, Value x, Value labels) {
  const NameScope names(s.graph(), s.prefix());
  computes_conv2d(s, {});
  const std::int64_t channels = x.dim(1).number();
  const std::int64_t height = x.dim(2).number();
  const std::int64_t width = x.dim(3).number();
  const Value weight = s.weight("weight", {kAny, channels, 1, 1});
  const Value bias = s.weight("bias", {weight.dim(0).number()});
  const Value row = reshape(gather(weight, labels, 0), {-1, 1, channels});
  const Value logits = matmul(row, reshape(x, {-1, channels, height * width})) +
                       reshape(gather(bias, labels, 0), {-1, 1, 1});
  return reshape(logits, {-1, 1, height, width});
}

/// The channel of its label of each row, of logits [n, classes, height, width].
Value of_labels(Value logits, Value labels) {
  const Value row = unsqueeze(range(size_of(logits, 0)), {1});
  const Value chosen = gather_nd(logits, concat({row, reshape(labels, {-1, 1})}, 1));
  return reshape(chosen, {-1, 1, logits.dim(2).number(), logits.dim(3).number()});
}

Value mask_logits(Scope predictor, Value x, Value labels) {
  if (is_layer_chain(predictor)) {
    x = layer_chain(predictor, x, 4);
    const NameScope names(predictor.graph(), predictor.prefix());
    return of_labels(x, labels);
  }
  const NameScope names(predictor.graph(), predictor.prefix());
  x = relu(conv_transpose2d(predictor / "conv5_mask", x, {}));
  (predictor / "relu").computes(ModuleKind::kReLU);
  return logits_of_labels(predictor / "mask_fcn_logits", x, labels);
}

}  // namespace

Value detect_masks(Scope s, const std::vector<FeatureMap>& maps, const DetectionList& list,
                   const RoiPoolSpec& pool) {
  Value x = pooled_features(s / "mask_roi_pool", maps, list, pool);
  x = mask_head(s / "mask_head", x);
  const Scope predictor = s / "mask_predictor";
  const Value logits = mask_logits(predictor, x, list.labels);
  const NameScope names(s.graph(), predictor.prefix());
  return sigmoid(logits);
}

}  // namespace tv2onnx
