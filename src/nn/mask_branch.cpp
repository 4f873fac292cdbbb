#include "nn/mask_branch.h"

#include <fmt/format.h>

#include "nn/layers.h"

namespace tv2onnx {
namespace {

/// Convolutions with ReLU, as many as there are weights. Up to torchvision 0.12 they were called
/// mask_fcn1, mask_fcn2, ...
Value mask_head(Scope s, Value x, double norm_eps) {
  for (int k = 0;; ++k) {
    const Scope old = s / fmt::format("mask_fcn{}", k + 1);
    const bool is_old = old.has("weight");
    const Scope block = s / k;
    if (!is_old && !block.has("0.weight")) return x;
    const bool has_norm = block.has("1.running_mean");
    x = conv2d(is_old ? old : block / 0, x, {.kernel = 3, .bias = !has_norm});
    if (has_norm) x = batch_norm(block / 1, x, norm_eps);
    x = relu(x);
  }
}

/// The channel of its label of each row: mask_fcn_logits is a product with one row of its weight,
/// so the other channels need not be computed.
Value logits_of_labels(Scope s, Value x, Value labels) {
  const NameScope names(s.graph(), s.prefix());
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

}  // namespace

Value detect_masks(Scope s, const std::vector<FeatureMap>& maps, const DetectionList& list,
                   const RoiPoolSpec& pool, double norm_eps) {
  Value x;
  {
    const NameScope names(s.graph(), s.prefix() + ".mask_roi_pool");
    x = pooled_features(maps, list, pool);
  }
  x = mask_head(s / "mask_head", x, norm_eps);
  const Scope predictor = s / "mask_predictor";
  x = relu(conv_transpose2d(predictor / "conv5_mask", x, {}));
  return sigmoid(logits_of_labels(predictor / "mask_fcn_logits", x, list.labels));
}

}  // namespace tv2onnx
