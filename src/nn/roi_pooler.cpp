#include "nn/roi_pooler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <numeric>

#include "graph/ops.h"
#include "nn/separable_roi_align.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

// From this stride on a map is so small that matrix products beat the RoiAlign operator.
constexpr std::int64_t kSmallMapStride = 32;

// Up to this stride a map is so large that the RoiAlign operator, which goes through all channels
// of a box before it comes to the next one, reads it from memory again for every box.
constexpr std::int64_t kLargeMapStride = 8;
constexpr std::int64_t kChannelsAtOnce = 16;

int level_of(std::int64_t stride) {
  return static_cast<int>(std::lround(std::log2(stride)));
}

/// LevelMapper's floor(4 + log2(sqrt(area) / 224) + 1e-6), computed in float32 as torch does.
float target_level(float area) {
  const double relative_side = std::sqrt(area) / kCanonicalScale;
  return std::floor((kCanonicalLevel + static_cast<float>(std::log2(relative_side))) +
                    static_cast<float>(kLevelEpsilon));
}

/// The smallest area that belongs to `level` or above: near what the formula says without rounding,
/// up to a few steps that rounding makes.
float smallest_area_of(int level) {
  auto area = static_cast<float>(std::exp2(2.0 * (level - 4)) * 224 * 224);
  while (target_level(area) < static_cast<float>(level)) area = std::nextafter(area, 2 * area);
  while (target_level(std::nextafter(area, 0.0F)) >= static_cast<float>(level)) {
    area = std::nextafter(area, 0.0F);
  }
  return area;
}

/// Index of the map for each box. Comparing the area with the borders between levels gives what
/// LevelMapper gives, and needs no logarithm in the graph.
Value map_index(Value boxes, int first_level, int last_level) {
  const Value sides =
      slice(boxes, {.axis = 1, .start = 2}) - slice(boxes, {.axis = 1, .start = 0, .end = 2});
  const Value area = pick(sides, {0}, 1) * pick(sides, {1}, 1);
  Value index;
  for (int level = first_level + 1; level <= last_level; ++level) {
    const Value border = scalar_like(area, smallest_area_of(level));
    const Value above = cast(greater_or_equal(area, border), DType::kInt32);
    index = index ? index + above : above;
  }
  return reshape(index, {-1});
}

/// LevelMapper counts levels from the first stride to the last, and level k is map k: maps that
/// share a stride shift the rest, and those past the last level are never used. Here as there.
int levels_of(const std::vector<FeatureMap>& maps) {
  const int levels = level_of(maps.back().stride) - level_of(maps.front().stride) + 1;
  if (levels >= 1 && levels <= static_cast<int>(maps.size())) return levels;
  std::vector<std::int64_t> strides;
  for (const FeatureMap& map : maps) strides.push_back(map.stride);
  throw Error({.code = "W002",
               .found = fmt::format("boxes cannot be pooled from maps of strides {}",
                                    fmt::join(strides, ", ")),
               .where = {.item = "box_roi_pool.featmap_names"},
               .expected = "maps without a gap between their strides, finest first"});
}

bool is_large(const FeatureMap& map) {
  const Dim channels = map.x.dim(1);
  return map.stride <= kLargeMapStride && channels.is_number() &&
         channels.number() > kChannelsAtOnce && channels.number() % kChannelsAtOnce == 0;
}

/// The same numbers as roi_align(map.x, ..), of few channels for all boxes, then of the next ones:
/// groups of channels become images of their own.
Value align_by_channels(const FeatureMap& map, const Rois& rois, const RoiAlignSpec& spec) {
  Graph& graph = *map.x.graph;
  const std::int64_t groups = map.x.dim(1).number() / kChannelsAtOnce;
  const auto times = static_cast<double>(groups);
  const auto size = [&](std::int64_t axis) { return size_of(map.x, axis); };
  const Value planes = reshape_to(
      map.x, concat({size(0) * times, ints(graph, {kChannelsAtOnce}), size(2), size(3)}, 0));
  const Value count = size_of(rois.boxes, 0);
  const Value boxes = expand(unsqueeze(rois.boxes, {0}),
                             concat({ints(graph, {groups}), count, ints(graph, {4})}, 0));
  std::vector<std::int64_t> group(static_cast<std::size_t>(groups));
  std::iota(group.begin(), group.end(), std::int64_t{0});
  const Value image = unsqueeze(rois.image * times, {0}) +
                      constant(graph, make_tensor({groups, 1}, std::move(group)));
  const Value pooled = roi_align(planes, reshape(boxes, {-1, 4}), reshape(image, {-1}), spec);
  // Without boxes too: what stands beside -1 are numbers above 0.
  const Value by_group = reshape(pooled, {groups, -1, kChannelsAtOnce * spec.height * spec.width});
  return reshape(transpose(by_group, {1, 0, 2}),
                 {-1, groups * kChannelsAtOnce, spec.height, spec.width});
}

}  // namespace

PooledRois pool_rois(const std::vector<FeatureMap>& maps, const Proposals& proposals,
                     const RoiPoolSpec& spec) {
  if (levels_of(maps) == 1 && maps.front().stride >= kSmallMapStride && spec.sampling_ratio >= 1) {
    return {separable_roi_align(maps.front(), proposals,
                                {.height = spec.output_height,
                                 .width = spec.output_width,
                                 .sampling_ratio = spec.sampling_ratio}),
            true};
  }
  return pool_rois(maps, rois_of(proposals.boxes, proposals.count), spec);
}

Rois rois_of(Value boxes, Value count) {
  const Value batch = size_of(boxes, 0);
  const Value image = expand(unsqueeze(range(batch), {1}), concat({batch, count}, 0));
  return {reshape(boxes, {-1, 4}), reshape(image, {-1})};
}

PooledRois pool_rois(const std::vector<FeatureMap>& maps, const Rois& rois,
                     const RoiPoolSpec& spec) {
  const auto align = [&](const FeatureMap& map, const Rois& some) {
    const RoiAlignSpec roi{.height = spec.output_height,
                           .width = spec.output_width,
                           .sampling_ratio = spec.sampling_ratio,
                           .scale = 1.0F / static_cast<float>(map.stride)};
    return is_large(map) ? align_by_channels(map, some, roi)
                         : roi_align(map.x, some.boxes, some.image, roi);
  };
  const int levels = levels_of(maps);
  if (levels == 1) return {align(maps.front(), rois)};

  const int first = level_of(maps.front().stride);
  const Value index = map_index(rois.boxes, first, first + levels - 1);
  if (spec.constant_counts) {
    Value pooled = align(maps.front(), rois);
    for (int level = 1; level < levels; ++level) {
      const Value here = unsqueeze(equal(index, scalar_like(index, level)), {1, 2, 3});
      const FeatureMap& map = maps[static_cast<std::size_t>(level)];
      pooled = where(here, align(map, rois), pooled);
    }
    return {pooled};
  }
  std::vector<Value> pooled;
  std::vector<Value> rows;
  for (int level = 0; level < levels; ++level) {
    const Value here = equal(index, scalar_like(index, level));
    const Value row = reshape(non_zero(here), {-1});
    pooled.push_back(align(maps[static_cast<std::size_t>(level)],
                           {gather(rois.boxes, row, 0), gather(rois.image, row, 0)}));
    rows.push_back(row);
  }
  const Value order = concat(rows, 0);
  const Value place = range(size_of(order, 0));
  return {concat(pooled, 0), false, scatter_nd(place, unsqueeze(order, {1}), place)};
}

Value in_proposal_order(Value rows, const PooledRois& pooled) {
  return pooled.position ? gather(rows, pooled.position, 0) : rows;
}

}  // namespace tv2onnx
