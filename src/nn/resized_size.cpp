#include "nn/resized_size.h"

#include <algorithm>
#include <cmath>

namespace tv2onnx {
namespace {

double ratio(std::int64_t side, double wanted, ResizeRule rule) {
  if (rule == ResizeRule::kDouble) return wanted / static_cast<double>(side);
  const float reciprocal = 1.0F / static_cast<float>(side);
  return reciprocal * static_cast<float>(wanted);
}

}  // namespace

std::array<std::int64_t, 2> resized_size(const std::array<std::int64_t, 2>& size,
                                         const TransformSpec& spec) {
  if (spec.no_resize) return size;
  if (spec.fixed_size) return {spec.fixed_size->second, spec.fixed_size->first};
  const auto [shorter, longer] = std::minmax(size[0], size[1]);
  const double scale =
      std::min(ratio(shorter, spec.min_size, spec.rule), ratio(longer, spec.max_size, spec.rule));
  const auto scaled = [scale](std::int64_t side) {
    return static_cast<std::int64_t>(std::floor(static_cast<double>(side) * scale));
  };
  return {scaled(size[0]), scaled(size[1])};
}

}  // namespace tv2onnx
