#include "nn/separable_roi_align.h"

#include "graph/ops.h"

namespace tv2onnx {
namespace {

/// What the bins of an axis take from the `size` cells of the map: [batch, proposals, bins, size].
/// `low` and `high` [batch, proposals, 1] are the borders of the boxes in cells.
Value bin_weights(Value low, Value high, Value size, std::int64_t bins, std::int64_t samples) {
  Graph& graph = *low.graph;
  std::vector<float> places;
  for (std::int64_t k = 0; k < bins * samples; ++k) {
    places.push_back((static_cast<float>(k) + 0.5F) / static_cast<float>(bins * samples));
  }
  const Value extent = maximum(high - low, scalar_like(low, 1));
  const Value position = low + extent * floats(graph, std::move(places));
  const Value cells = cast(size, DType::kFloat32);
  const Value last = cells - 1.0;
  const Value clamped = minimum(maximum(position, scalar_like(position, 0)), last);
  // Samples more than one cell outside the map count as zero.
  const Value inside = logical_and(greater_or_equal(position, scalar_like(position, -1)),
                                   greater_or_equal(cells, position));
  const Value cell = cast(range(size), DType::kFloat32);
  const Value near = relu(scalar_like(cell, 1) - abs(unsqueeze(clamped, {3}) - cell));
  const Value share =
      where(inside, scalar_like(low, 1.0 / static_cast<double>(samples)), scalar_like(low, 0));
  const Value weights = near * unsqueeze(share, {3});
  const Value grouped = reshape_to(
      weights, concat({pick(shape_of(low), {0, 1}, 0), ints(graph, {bins, samples}), size}, 0));
  return reduce_sum(grouped, {3}, false);
}

}  // namespace

Value separable_roi_align(const FeatureMap& map, const Proposals& proposals,
                          const SeparableRoiAlign& spec) {
  Graph& graph = *map.x.graph;
  const std::int64_t channels = map.x.dim(1).number();
  const Value shape = shape_of(map.x);
  const Value rows = pick(shape, {2}, 0);
  const Value columns = pick(shape, {3}, 0);
  const Value batch = size_of(proposals.boxes, 0);
  const Value boxes = proposals.boxes * (1.0 / static_cast<double>(map.stride));
  const auto border = [&](std::int64_t k) { return pick(boxes, {k}, 2); };
  const Value x = bin_weights(border(0), border(2), columns, spec.width, spec.sampling_ratio);
  const Value y = bin_weights(border(1), border(3), rows, spec.height, spec.sampling_ratio);

  // [batch, proposals * width, columns] x [batch, columns, rows * channels]
  const Value by_column =
      reshape_to(x, concat({batch, proposals.count * static_cast<double>(spec.width), columns}, 0));
  const Value map_by_column =
      reshape_to(transpose(map.x, {0, 3, 2, 1}),
                 concat({batch, columns, rows * static_cast<double>(channels)}, 0));
  const Value interpolated = matmul(by_column, map_by_column);

  // [boxes, 1, height, rows] x [boxes, width, rows, channels]
  const Value count = batch * proposals.count;
  const Value one = ints(graph, {1});
  const Value by_row = reshape_to(y, concat({count, one, ints(graph, {spec.height}), rows}, 0));
  const Value across = reshape_to(
      interpolated, concat({count, ints(graph, {spec.width}), rows, ints(graph, {channels})}, 0));
  // States the shape, which a product of reshaped values does not.
  return reshape(matmul(by_row, across), {-1, spec.width, spec.height, channels});
}

}  // namespace tv2onnx
