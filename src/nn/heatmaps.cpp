// torchvision doubles the heatmaps (bilinear; predictors of other forms may leave them), resizes
// each to the pixels of its box (bicubic) and takes the highest pixel. Both resizings are matrix
// products, rows * map * columns, with weights of each box; the product of the two weights is one
// matrix. Boxes that are smaller than the largest repeat their last row and column: a repeated
// pixel comes later than the one that it repeats, so that the first of the highest is a pixel of
// the box.

#include "nn/heatmaps.h"

#include <algorithm>
#include <vector>

#include "graph/ops.h"

namespace tv2onnx {
namespace {

constexpr double kHeatmapCubic = -0.75;  // of torch's cubic convolution
constexpr std::int64_t kReach = 2;

/// Weights of cubic convolution at a distance >= 0.
Value cubic_weights(Value distance) {
  const Value near =
      ((distance * (kHeatmapCubic + 2) - (kHeatmapCubic + 3)) * distance) * distance + 1.0;
  const Value d = minimum(distance, scalar_like(distance, kReach));  // where it is exactly zero
  const Value far =
      ((d * kHeatmapCubic - 5 * kHeatmapCubic) * d + 8 * kHeatmapCubic) * d - 4 * kHeatmapCubic;
  return where(less(distance, scalar_like(distance, 1)), near, far);
}

/// Places -2 .. size + 1, whose outer ones repeat the border, in terms of the cells of a map of
/// `scale` times less: [size + 4, size / scale].
Tensor enlarging(std::int64_t cells, std::int64_t scale) {
  const std::int64_t size = cells * scale;
  const std::int64_t places = size + 2 * kReach;
  std::vector<float> weights(static_cast<std::size_t>(places * cells));
  for (std::int64_t k = 0; k < places; ++k) {
    const auto place = static_cast<float>(std::clamp<std::int64_t>(k - kReach, 0, size - 1));
    const float position = std::max((place + 0.5F) / static_cast<float>(scale) - 0.5F, 0.0F);
    const auto cell = static_cast<std::int64_t>(position);
    const float share = position - static_cast<float>(cell);
    weights[static_cast<std::size_t>(k * cells + cell)] += 1 - share;
    weights[static_cast<std::size_t>(k * cells + std::min(cell + 1, cells - 1))] += share;
  }
  return make_tensor({places, cells}, std::move(weights));
}

/// One axis of all boxes.
struct HeatmapAxis {
  Value low;      ///< float32 [n, 1]: where the box begins
  Value extent;   ///< float32 [n, 1]: its length
  Value pixels;   ///< float32 [n, 1]: the same, rounded up
  Value weights;  ///< float32 [n, pixels of the largest box, cells of a map]
};

HeatmapAxis heatmap_axis_of(Value low, Value high, std::int64_t cells, std::int64_t up_scale,
                            Value limit) {
  Graph& graph = *low.graph;
  const Value extent = maximum(high - low, scalar_like(low, 1));
  const Value pixels = ceil(extent);
  const Value most =
      limit ? limit : reshape(cast(reduce_max(pixels, {0}, false), DType::kInt64), {1});
  const Value pixel = minimum(cast(range(most), DType::kFloat32), pixels - 1.0);
  const Value scale = scalar_like(pixels, static_cast<double>(cells * up_scale)) / pixels;
  const Value position = (pixel + 0.5) * scale - 0.5;
  std::vector<float> places;
  for (std::int64_t k = -kReach; k < cells * up_scale + kReach; ++k) {
    places.push_back(static_cast<float>(k));
  }
  const Value distance = abs(unsqueeze(position, {2}) - floats(graph, std::move(places)));
  return {low, extent, pixels,
          matmul(cubic_weights(distance), constant(graph, enlarging(cells, up_scale)))};
}

/// The highest value of each row of pixels of each heatmap: [n, keypoints, rows].
Value highest_of_rows(Value maps, Value rows, Value columns) {
  const std::int64_t keypoints = maps.dim(1).number();
  std::vector<Value> highest;
  // One keypoint at a time: the pixels of all would take gigabytes.
  for (std::int64_t k = 0; k < keypoints; ++k) {
    const Value map = squeeze(pick(maps, {k}, 1), {1});
    const Value pixels = matmul(matmul(rows, map), columns);
    highest.push_back(unsqueeze(reduce_max(pixels, {2}, false), {1}));
  }
  return concat(highest, 1);
}

/// The rows of weights that `index` [n, keypoints] names, [n, keypoints, cells].
Value rows_at(Value weights, Value index, std::int64_t cells) {
  const Value each = size_of(weights, 1);
  const Value first = unsqueeze(range(size_of(weights, 0)) * each, {1});
  return gather(reshape(weights, {-1, cells}), index + first, 0);
}

/// The middle of a pixel in the coordinates of the image.
Value coordinate(const HeatmapAxis& axis, Value index) {
  const Value pixel = minimum(cast(index, DType::kFloat32), axis.pixels - 1.0);
  return (pixel + 0.5) * (axis.extent / axis.pixels) + axis.low;
}

}  // namespace

Keypoints heatmaps_to_keypoints(Value maps, Value boxes, Value limit, std::int64_t up_scale) {
  const auto side = [&](std::int64_t k) { return pick(boxes, {k}, 1); };
  const auto at_most = [&](std::int64_t axis) { return limit ? pick(limit, {axis}, 0) : limit; };
  const std::int64_t cells = maps.dim(2).number();
  const HeatmapAxis x = heatmap_axis_of(side(0), side(2), cells, up_scale, at_most(1));
  const HeatmapAxis y = heatmap_axis_of(side(1), side(3), cells, up_scale, at_most(0));
  const Value columns = transpose(x.weights, {0, 2, 1});
  const Value row = arg_max(highest_of_rows(maps, y.weights, columns), 2, false);
  // The row again, for the place in it.
  const Value weights = unsqueeze(rows_at(y.weights, row, cells), {2});
  const Value pixels = matmul(squeeze(matmul(weights, maps), {2}), columns);
  return {coordinate(x, arg_max(pixels, 2, false)), coordinate(y, row),
          reduce_max(pixels, {2}, false)};
}

}  // namespace tv2onnx
