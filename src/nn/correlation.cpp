#include "nn/correlation.h"

#include <cmath>

namespace tv2onnx {
namespace {

std::int64_t side_of(const CorrelationSpec& spec) {
  return 2 * spec.radius + 1;
}

/// The offsets of a window along one axis, in this shape.
Value offsets(Graph& graph, std::int64_t radius, Shape shape) {
  std::vector<float> values;
  for (std::int64_t k = -radius; k <= radius; ++k) values.push_back(static_cast<float>(k));
  return constant(graph, make_tensor(std::move(shape), std::move(values)));
}

/// [1, side, side, 2] of (x, y): x is the same along the second axis of the window.
Value window(Graph& graph, std::int64_t radius) {
  std::vector<float> values;
  for (std::int64_t x = -radius; x <= radius; ++x) {
    for (std::int64_t y = -radius; y <= radius; ++y) {
      values.push_back(static_cast<float>(x));
      values.push_back(static_cast<float>(y));
    }
  }
  const std::int64_t side = 2 * radius + 1;
  return constant(graph, make_tensor({1, side, side, 2}, std::move(values)));
}

CorrelationPyramid::Level level_of(Value first, Value second, std::int64_t index,
                                   std::int64_t radius) {
  Graph& graph = *first.graph;
  const std::int64_t channels = second.dim(1).number();
  const Value height = size_of(second, 2);
  const Value width = size_of(second, 3);
  CorrelationPyramid::Level level;
  if (!has_grid_sample(graph)) {
    const Value turned = reshape(transpose(second, {0, 1, 3, 2}), {0, channels, -1});
    level.volume = reshape_to(matmul(first, turned), concat({ints(graph, {-1}), width, height}, 0));
    return level;
  }
  level.volume = reshape_to(matmul(first, reshape(second, {0, channels, -1})),
                            concat({ints(graph, {-1, 1}), height, width}, 0));
  const Value last = cast(concat({width, height}, 0), DType::kFloat32) - 1;
  const Value per_cell = scalar_like(last, 2) / last;
  level.scale = per_cell * std::pow(0.5, static_cast<double>(index));
  level.shift = window(graph, radius) * per_cell - 1;
  return level;
}

/// Rows of bilinear weights: how much of each of `length` positions is at `positions`.
Value tents(Value positions, Value length, Shape numbers) {
  const Value cells = reshape(cast(range(length), DType::kFloat32), std::move(numbers));
  const Value distance = abs(positions - cells);
  return relu(scalar_like(distance, 1) - distance);
}

/// A window of each volume by two products with bilinear weights, before there was GridSample.
Value products(Value volume, Value rows, std::int64_t radius) {
  Graph& graph = *volume.graph;
  const std::int64_t side = 2 * radius + 1;
  const auto centre = [&](std::int64_t axis) { return reshape(pick(rows, {axis}, 3), {-1, 1, 1}); };
  const Value x =
      tents(centre(0) + offsets(graph, radius, {1, side, 1}), size_of(volume, 1), {1, 1, -1});
  const Value y =
      tents(centre(1) + offsets(graph, radius, {1, 1, side}), size_of(volume, 2), {1, -1, 1});
  return matmul(matmul(x, volume), y);
}

}  // namespace

CorrelationPyramid correlation_pyramid(Value first, Value second, const CorrelationSpec& spec) {
  Graph& graph = *first.graph;
  const std::int64_t channels = first.dim(1).number();
  const std::int64_t cells = side_of(spec) * side_of(spec);
  const Value scaled = first * (1 / std::sqrt(static_cast<double>(channels)));
  const Value positions = transpose(reshape(scaled, {0, channels, -1}), {0, 2, 1});
  const Value batch = size_of(first, 0);
  CorrelationPyramid pyramid{
      .spec = spec,
      .levels = {},
      .rows = concat({batch, ints(graph, {-1, cells})}, 0),
      .map = concat(
          {batch, ints(graph, {spec.levels * cells}), size_of(first, 2), size_of(first, 3)}, 0)};
  for (std::int64_t k = 0; k < spec.levels; ++k) {
    if (k > 0) second = average_pool(second, {});
    pyramid.levels.push_back(level_of(positions, second, k, spec.radius));
  }
  return pyramid;
}

Value look_up(const CorrelationPyramid& pyramid, Value centres) {
  const bool samples = has_grid_sample(*centres.graph);
  const Value rows = reshape(transpose(centres, {0, 2, 3, 1}), {-1, 1, 1, 2});
  std::vector<Value> found;
  double scale = 1;
  for (const auto& level : pyramid.levels) {
    const Value windows = samples ? grid_sample(level.volume, rows * level.scale + level.shift)
                                  : products(level.volume, rows * scale, pyramid.spec.radius);
    found.push_back(reshape_to(windows, pyramid.rows));
    scale /= 2;
  }
  const std::int64_t side = side_of(pyramid.spec);
  const Dims known{centres.dim(0), pyramid.spec.levels * side * side, {}, {}};
  return reshape_to(transpose(concat(found, 2), {0, 2, 1}), pyramid.map, known);
}

}  // namespace tv2onnx
