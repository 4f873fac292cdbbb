#include "nn/positions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace tv2onnx {
namespace {

constexpr double kCubic = -0.75;  // torch's

/// What four neighbours count at `t` behind the second of them.
std::array<double, 4> cubic_weights(double t) {
  const auto near = [](double x) { return ((kCubic + 2) * x - (kCubic + 3)) * x * x + 1; };
  const auto far = [](double x) {
    return ((kCubic * x - 5 * kCubic) * x + 8 * kCubic) * x - 4 * kCubic;
  };
  return {far(t + 1), near(t), near(1 - t), far(2 - t)};
}

/// Where each position of the new axis lies on the old one.
struct CubicTaps {
  std::array<std::size_t, 4> from;
  std::array<double, 4> weights;
};
std::vector<CubicTaps> cubic_taps_of(std::int64_t old_side, std::int64_t side) {
  std::vector<CubicTaps> all;
  for (std::int64_t k = 0; k < side; ++k) {
    const double scale =
        side > 1 ? static_cast<double>(old_side - 1) / static_cast<double>(side - 1) : 0;
    const double place = static_cast<double>(k) * scale;
    const auto first = static_cast<std::int64_t>(std::floor(place));
    CubicTaps taps{.from = {}, .weights = cubic_weights(place - static_cast<double>(first))};
    for (std::int64_t n = 0; n < 4; ++n) {
      const std::int64_t from = std::clamp<std::int64_t>(first + n - 1, 0, old_side - 1);
      taps.from[static_cast<std::size_t>(n)] = static_cast<std::size_t>(from);
    }
    all.push_back(taps);
  }
  return all;
}

}  // namespace

std::int64_t grid_side(std::int64_t tokens) {
  const std::int64_t side = std::llround(std::sqrt(static_cast<double>(tokens - 1)));
  return side * side == tokens - 1 ? side : 0;
}

Tensor resized_positions(const Tensor& positions, std::int64_t side) {
  const std::int64_t old_side = grid_side(positions.shape[1]);
  const auto channels = static_cast<std::size_t>(positions.shape[2]);
  const std::vector<float> old = to_float(positions);
  std::vector<float> values(old.begin(), old.begin() + positions.shape[2]);
  const std::vector<CubicTaps> taps = cubic_taps_of(old_side, side);
  for (const CubicTaps& row : taps) {
    for (const CubicTaps& column : taps) {
      for (std::size_t c = 0; c < channels; ++c) {
        double sum = 0;
        for (std::size_t n = 0; n < 16; ++n) {
          const std::size_t token =
              1 + row.from[n / 4] * static_cast<std::size_t>(old_side) + column.from[n % 4];
          sum += row.weights[n / 4] * column.weights[n % 4] * old[token * channels + c];
        }
        values.push_back(static_cast<float>(sum));
      }
    }
  }
  return make_tensor({1, 1 + side * side, positions.shape[2]}, std::move(values));
}

}  // namespace tv2onnx
