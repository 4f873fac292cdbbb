#include "nn/roi_pooler.h"

#include <cmath>

#include "graph/ops.h"

namespace tv2onnx {
namespace {

constexpr double kCanonicalScale = 224;
constexpr double kCanonicalLevel = 4;
constexpr double kLevelEpsilon = 1e-6;

int level_of(std::int64_t stride) { return static_cast<int>(std::lround(std::log2(stride))); }

/// Index of the map for each box. LevelMapper takes floor(4 + log2(sqrt(area) / 224) + 1e-6);
/// comparing the area with the borders says the same without the rounding of a logarithm.
Value map_index(Value boxes, int first_level, int last_level) {
  const Value sides = slice(boxes, {.axis = 1, .start = 2}) -
                      slice(boxes, {.axis = 1, .start = 0, .end = 2});
  const Value area = pick(sides, {0}, 1) * pick(sides, {1}, 1);
  Value index;
  for (int level = first_level + 1; level <= last_level; ++level) {
    const double side =
        kCanonicalScale * std::exp2(level - kCanonicalLevel - kLevelEpsilon);
    const Value above =
        cast(greater_or_equal(area, scalar_like(area, side * side)), DType::kInt32);
    index = index ? index + above : above;
  }
  return reshape(index, {-1});
}

}  // namespace

PooledRois pool_rois(const std::vector<FeatureMap>& maps, const Proposals& proposals,
                     const RoiPoolSpec& spec) {
  const Value boxes = reshape(proposals.boxes, {-1, 4});
  const Value batch = size_of(proposals.boxes, 0);
  const Value image = reshape(
      expand(unsqueeze(range(batch), {1}), concat({batch, proposals.count}, 0)), {-1});
  const auto align = [&](const FeatureMap& map, Value rois, Value of_image) {
    return roi_align(map.x, rois, of_image,
                     {.height = spec.output_height,
                      .width = spec.output_width,
                      .sampling_ratio = spec.sampling_ratio,
                      .scale = 1.0F / static_cast<float>(map.stride)});
  };
  const int first = level_of(maps.front().stride);
  const int last = level_of(maps.back().stride);
  if (first == last) return {align(maps.front(), boxes, image), {}};

  const Value index = map_index(boxes, first, last);
  std::vector<Value> pooled;
  std::vector<Value> rows;
  for (int level = first; level <= last; ++level) {
    const Value here = equal(index, scalar_like(index, level - first));
    const Value row = reshape(non_zero(here), {-1});
    const FeatureMap& map = maps[static_cast<std::size_t>(level - first)];
    pooled.push_back(align(map, gather(boxes, row, 0), gather(image, row, 0)));
    rows.push_back(row);
  }
  const Value order = concat(rows, 0);
  const Value place = range(size_of(order, 0));
  return {concat(pooled, 0), scatter_nd(place, unsqueeze(order, {1}), place)};
}

Value in_proposal_order(Value rows, const PooledRois& pooled) {
  return pooled.position ? gather(rows, pooled.position, 0) : rows;
}

}  // namespace tv2onnx
