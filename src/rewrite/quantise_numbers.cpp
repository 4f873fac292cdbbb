#include "rewrite/quantise_numbers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <tuple>
#include <utility>

namespace tv2onnx {
namespace {

/// Parts of a row-major tensor along an axis: index k has `inner` neighbours, `outer` times.
struct Axis {
  std::size_t outer = 1;
  std::size_t count = 1;
  std::size_t inner = 1;

  template <typename Visit>
  void for_each(std::size_t k, const Visit& visit) const {
    for (std::size_t o = 0; o < outer; ++o) {
      for (std::size_t i = 0; i < inner; ++i) visit((o * count + k) * inner + i);
    }
  }
};

Axis axis_of(const Shape& shape, std::size_t axis) {
  Axis parts;
  for (std::size_t k = 0; k < shape.size(); ++k) {
    (k < axis    ? parts.outer
     : k == axis ? parts.count
                 : parts.inner) *= static_cast<std::size_t>(shape[k]);
  }
  return parts;
}

float rounded(float value, float scale, float most) {
  return std::clamp(std::nearbyint(value / scale), -most, most);
}

float best_scale(const std::vector<float>& values, const Axis& parts, std::size_t k, float most) {
  constexpr std::array<float, 6> kShares{1.0F, 0.95F, 0.9F, 0.85F, 0.8F, 0.75F};
  float largest = 0;
  parts.for_each(k, [&](std::size_t at) { largest = std::max(largest, std::abs(values[at])); });
  if (!(largest > 0)) return 1;
  float best = 0;
  double least = -1;
  for (const float share : kShares) {
    const float scale = largest * share / most;
    double error = 0;
    parts.for_each(k, [&](std::size_t at) {
      const double miss = values[at] - scale * rounded(values[at], scale, most);
      error += miss * miss;
    });
    if (least < 0 || error < least) std::tie(least, best) = std::pair(error, scale);
  }
  return best;
}

}  // namespace

UnsignedScale scale_of(ValueRange range) {
  constexpr float kMost = 255;
  const float low = std::min(range.low, 0.0F);
  const float high = std::max(range.high, 0.0F);
  if (!(high > low)) return {};
  const float scale = (high - low) / kMost;
  return {scale, static_cast<std::uint8_t>(std::clamp(std::nearbyint(-low / scale), 0.0F, kMost))};
}

Int8Weight quantise_weight(const Tensor& weight, std::size_t axis, int most) {
  const std::vector<float> values = to_float(weight);
  const Axis parts = axis_of(weight.shape, axis);
  const auto limit = static_cast<float>(most);
  Int8Weight result;
  std::vector<std::int8_t> numbers(values.size());
  for (std::size_t k = 0; k < parts.count; ++k) {
    const float scale = best_scale(values, parts, k, limit);
    result.scales.push_back(scale);
    parts.for_each(k, [&](std::size_t at) {
      numbers[at] = static_cast<std::int8_t>(rounded(values[at], scale, limit));
    });
  }
  result.numbers = int8_tensor(weight.shape, std::move(numbers));
  return result;
}

Tensor int8_tensor(Shape shape, std::vector<std::int8_t> values) {
  const auto owner = std::make_shared<const std::vector<std::int8_t>>(std::move(values));
  return {
      DType::kInt8, std::move(shape), {}, reinterpret_cast<const std::byte*>(owner->data()), owner};
}

}  // namespace tv2onnx
