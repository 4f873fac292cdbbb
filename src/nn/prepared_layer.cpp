#include "nn/prepared_layer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "nn/known_values.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr float kAveraging = 0.01F;  // of MovingAverageMinMaxObserver
constexpr float kHalfRange = 127.5F;
constexpr float kLeastInteger = -128;
constexpr float kMostInteger = 127;

/// fuse_conv_bn_weights (torch/nn/utils/fusion.py).
void fold_norm(Scope norm, double eps, std::vector<float>& weight, std::vector<float>& bias) {
  const auto rows = static_cast<std::int64_t>(bias.size());
  const std::vector<float> scale = known_values(norm.tensor("weight", {rows}));
  const std::vector<float> shift = known_values(norm.tensor("bias", {rows}));
  const std::vector<float> mean = known_values(norm.tensor("running_mean", {rows}));
  const std::vector<float> variance = known_values(norm.tensor("running_var", {rows}));
  const std::size_t length = weight.size() / bias.size();
  for (std::size_t row = 0; row < bias.size(); ++row) {
    const float factor = 1 / std::sqrt(variance[row] + static_cast<float>(eps));
    for (std::size_t k = 0; k < length; ++k) weight[row * length + k] *= scale[row] * factor;
    bias[row] = (bias[row] - mean[row]) * factor * scale[row] + shift[row];
  }
}

void require_finite(Scope fake, float number) {
  if (std::isfinite(number)) return;
  throw Error({.code = "W002",
               .found = "the observer of the weights has seen none, or none that are finite",
               .where = {.item = fake.prefix()},
               .expected = "a model that was trained after prepare_qat"});
}

/// The scales that the observer has once it has seen the weight for the last time.
std::vector<float> scales_of(Scope fake, const std::vector<float>& weight, std::int64_t rows) {
  const Scope observer = fake / "activation_post_process";
  const Shape own = observer.shape("min_val").value_or(Shape{}).empty() ? Shape{} : Shape{rows};
  std::vector<float> low = known_values(observer.tensor("min_val", own));
  std::vector<float> high = known_values(observer.tensor("max_val", own));
  const bool observes = known_values(fake.tensor("observer_enabled", {1}))[0] != 0;
  for (const float seen : low) require_finite(fake, seen);
  const float least = known_values(observer.tensor("eps", {1}))[0];
  const std::size_t length = weight.size() / low.size();
  for (std::size_t k = 0; k < low.size(); ++k) {
    const auto row = weight.begin() + static_cast<std::ptrdiff_t>(k * length);
    const auto [smallest, largest] =
        std::minmax_element(row, row + static_cast<std::ptrdiff_t>(length));
    if (observes) low[k] += kAveraging * (*smallest - low[k]);
    if (observes) high[k] += kAveraging * (*largest - high[k]);
    const float reach = std::max({-low[k], high[k], 0.0F});
    low[k] = std::max(reach / kHalfRange, least);
  }
  return low;
}

Tensor integers_of(Scope fake, const std::vector<float>& weight, const std::vector<float>& scales,
                   const Shape& shape) {
  std::vector<std::uint8_t> bytes;
  const std::size_t length = weight.size() / scales.size();
  for (std::size_t k = 0; k < weight.size(); ++k) {
    require_finite(fake, weight[k]);
    const float whole = std::nearbyint(weight[k] * (1 / scales[k / length]));
    const float kept = std::clamp(whole, kLeastInteger, kMostInteger);
    bytes.push_back(static_cast<std::uint8_t>(static_cast<std::int8_t>(kept)));
  }
  Tensor integers = make_tensor(shape, std::move(bytes));
  integers.dtype = DType::kInt8;
  return integers;
}

}  // namespace

bool is_prepared(Scope s) {
  return (s / "weight_fake_quant").has("scale");
}

PreparedLayer prepared_layer(Scope s, const Shape& shape, double norm_eps) {
  const Tensor stored = s.tensor("weight", shape);
  const std::int64_t rows = stored.shape[0];
  std::vector<float> weight = known_values(stored);
  PreparedLayer layer;
  const Scope norm = s / "bn";
  if (s.has("bias")) layer.bias = known_values(s.tensor("bias", {rows}));
  if (norm.has("weight")) {
    layer.bias.resize(static_cast<std::size_t>(rows));
    fold_norm(norm, norm_eps, weight, layer.bias);
  }
  const Scope fake = s / "weight_fake_quant";
  layer.weight.scales = scales_of(fake, weight, rows);
  for (float& scale : layer.weight.scales) {
    if (!(scale > 0)) scale = 1;  // nothing is known, as while a model is recognised by its keys
  }
  layer.weight.zero_points.assign(layer.weight.scales.size(), 0);
  layer.weight.integers = integers_of(fake, weight, layer.weight.scales, stored.shape);
  fake.pass_over();
  return layer;
}

}  // namespace tv2onnx
