#pragma once
// How far results are from those of torch.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tv2onnx/tensor.h"

namespace tv2onnx::testing {

/// The largest difference by the range of what is wanted; infinite if shapes differ, if something
/// is not a number, or if all that is wanted is the same.
inline double distance_by_range(const Tensor& found, const Tensor& wanted) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  const std::vector<float> a = to_float(found);
  const std::vector<float> b = to_float(wanted);
  if (found.shape != wanted.shape || b.empty()) return kInfinite;
  const auto [low, high] = std::ranges::minmax(b);
  if (!(high > low)) return kInfinite;
  double most = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double difference = std::abs(static_cast<double>(a[k]) - b[k]);
    if (std::isnan(difference)) return kInfinite;
    most = std::max(most, difference);
  }
  return most / (high - low);
}

}  // namespace tv2onnx::testing
