#include "nn/quantised_weight.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

std::vector<std::uint8_t> zero_points(const Tensor& stored, std::size_t count) {
  std::vector<std::uint8_t> zeros(count);
  if (stored.data == nullptr) return zeros;
  std::ranges::transform(to_int64(stored), zeros.begin(),
                         [](std::int64_t each) { return static_cast<std::uint8_t>(each); });
  return zeros;
}

void require_int8(const Tensor& stored, Scope s, std::string_view leaf) {
  if (stored.data == nullptr || stored.dtype == DType::kInt8) return;
  throw Error({.code = "W002",
               .found = fmt::format("a quantised weight of {}", dtype_name(stored.dtype)),
               .where = {.item = fmt::format("{}.{}", s.prefix(), leaf)},
               .expected = "int8 (torch.qint8)"});
}

}  // namespace

void require_rounding(Scope s, std::string_view leaf, float found, bool zero_point) {
  const bool holds = zero_point ? found >= 0 && found <= 255 : std::isfinite(found) && found > 0;
  if (holds) return;
  throw Error({.code = "W002",
               .found = fmt::format("{}", found),
               .where = {.item = fmt::format("{}.{}", s.prefix(), leaf)},
               .expected = zero_point ? "a zero point of 0 to 255" : "a finite scale above 0"});
}

QuantisedWeight stored_weight(Scope s, std::string_view leaf, const Shape& shape) {
  QuantisedWeight weight{.integers = s.tensor(leaf, shape)};
  require_int8(weight.integers, s, leaf);
  const std::string scale_name = fmt::format("{}.scale", leaf);
  const bool one = s.shape(scale_name).value_or(Shape{}).empty();
  const Shape own = one ? Shape{} : Shape{weight.integers.shape[0]};
  const Tensor scale = s.tensor(scale_name, own);
  const Tensor zero = s.tensor(fmt::format("{}.zero_point", leaf), own);
  weight.scales.assign(static_cast<std::size_t>(element_count(own)), 1);
  if (scale.data != nullptr) weight.scales = to_float(scale);
  for (const float each : weight.scales) require_rounding(s, scale_name, each, false);
  weight.zero_points = zero_points(zero, weight.scales.size());
  return weight;
}

}  // namespace tv2onnx
