#pragma once
// Boxes as in torchvision/ops/boxes.py and models/detection/_utils.py, for batches: boxes are
// float32 [..., 4] (x1, y1, x2, y2), and what does not count is masked instead of removed.

#include <array>
#include <cstdint>
#include <limits>

#include "graph/ops.h"

namespace tv2onnx {

using BoxWeights = std::array<double, 4>;

/// BoxCoder's bbox_xform_clip: log(1000 / 16).
inline constexpr double kMaxLogScale = 4.135166556742356;

/// BoxCoder.decode. `references` and `deltas` have rank `rank` and broadcast.
Value decode_boxes(Value references, Value deltas, const BoxWeights& weights, std::int64_t rank);

/// BoxLinearCoder.decode with normalize_by_size: distances from the centre of each reference to the
/// sides of the box, in units of its size. Both have rank `rank`.
Value decode_distances(Value references, Value distances, std::int64_t rank);

/// clip_boxes_to_image; size is int64 [2] (height, width).
Value clip_boxes(Value boxes, Value size);

/// remove_small_boxes as a mask: both sides at least `min_side`. Drops the last of `rank` axes.
Value is_large_enough(Value boxes, double min_side, std::int64_t rank);

/// batched_nms keeps groups (labels, levels) apart by moving each to a place of its own if the
/// image has at most 1000 candidates, and one by one otherwise. One by one is what
/// NonMaxSuppression does with groups as batches; but adding an offset rounds coordinates, and
/// rounding decides ties. So the offset is added here too where torchvision adds it.
/// boxes [batch, groups, n, 4], candidates bool [batch, groups, n], `group` float32, broadcast to
/// the candidates: the number of each one's group.
Value with_group_offsets(Value boxes, Value candidates, Value group);
/// The same where the axis is the group; group g is number `first_group + g`.
Value with_group_offsets(Value boxes, Value candidates, std::int64_t groups,
                         std::int64_t first_group);

/// Of what never wins, where values are logits or probabilities.
inline constexpr float kNever = -std::numeric_limits<float>::infinity();

/// Non-maximum suppression: scores [n, 1, m] of what survives, and `none` in the place of the rest.
/// How many survive is no shape of the result.
Value suppressed(Value boxes, Value scores, const NmsSpec& spec, double none);

/// x [batch, n] and `count` more columns of that number: columns that never win make a fixed K of
/// TopK legal.
Value with_filler(Value x, std::int64_t count, double number);

/// Flat row number of `index` [batch, n] into per-image tables of `rows` (int64 [1]) rows.
Value flat_rows(Value index, Value rows);

}  // namespace tv2onnx
