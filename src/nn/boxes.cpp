#include "nn/boxes.h"

namespace tv2onnx {
namespace {

constexpr double kMaxCandidatesForOffsets = 1000;

Value first_two(Value x, std::int64_t axis) {
  return slice(x, {.axis = axis, .start = 0, .end = 2});
}
Value last_two(Value x, std::int64_t axis) {
  return slice(x, {.axis = axis, .start = 2, .end = 4});
}

Value over(Value x, double a, double b) {
  if (a == 1 && b == 1) return x;
  return x / floats(*x.graph, {static_cast<float>(a), static_cast<float>(b)});
}

}  // namespace

Value decode_boxes(Value references, Value deltas, const BoxWeights& weights, std::int64_t rank) {
  const std::int64_t axis = rank - 1;
  const Value corner = first_two(references, axis);
  const Value size = last_two(references, axis) - corner;
  const Value center = corner + size * 0.5;
  const Value shift = over(first_two(deltas, axis), weights[0], weights[1]);
  const Value log_scale = over(last_two(deltas, axis), weights[2], weights[3]);
  const Value new_center = shift * size + center;
  const Value half = exp(minimum(log_scale, scalar_like(log_scale, kMaxLogScale))) * size * 0.5;
  return concat({new_center - half, new_center + half}, axis);
}

Value decode_distances(Value references, Value distances, std::int64_t rank) {
  const std::int64_t axis = rank - 1;
  const Value corner = first_two(references, axis);
  const Value opposite = last_two(references, axis);
  const Value center = (corner + opposite) * 0.5;
  const Value size = opposite - corner;
  return concat(
      {center - first_two(distances, axis) * size, center + last_two(distances, axis) * size},
      axis);
}

Value clip_boxes(Value boxes, Value size) {
  const Value limits = cast(pick(size, {1, 0, 1, 0}, 0), DType::kFloat32);
  return minimum(maximum(boxes, scalar_like(boxes, 0)), limits);
}

Value is_large_enough(Value boxes, double min_side, std::int64_t rank) {
  const Value sides = last_two(boxes, rank - 1) - first_two(boxes, rank - 1);
  const Value smallest = reduce_min(sides, {rank - 1}, false);
  return greater_or_equal(smallest, scalar_like(smallest, min_side));
}

Value with_group_offsets(Value boxes, Value candidates, Value group) {
  const Value largest = reduce_max(boxes, {3}, false);
  const Value counted = where(candidates, largest, scalar_like(largest, 0));
  const Value step = reduce_max(counted, {1, 2}, true) + 1.0;
  // int32: a float32 sum is exact only up to 2^24, which large batches of classes pass.
  const Value count = reduce_sum(cast(candidates, DType::kInt32), {1, 2}, true);
  const Value few = less(count, scalar_like(count, kMaxCandidatesForOffsets + 1));
  const Value offset = where(few, group * step, scalar_like(step, 0));
  return boxes + unsqueeze(offset, {3});
}

Value with_group_offsets(Value boxes, Value candidates, std::int64_t groups,
                         std::int64_t first_group) {
  std::vector<float> numbers;
  for (std::int64_t k = 0; k < groups; ++k) numbers.push_back(static_cast<float>(first_group + k));
  return with_group_offsets(
      boxes, candidates, constant(*boxes.graph, make_tensor({1, groups, 1}, std::move(numbers))));
}

Value suppressed(Value boxes, Value scores, const NmsSpec& spec, double none) {
  const Value selected = non_max_suppression(boxes, scores, spec);
  return scatter_nd(fill(shape_of(scores), none, DType::kFloat32), selected,
                    gather_nd(scores, selected));
}

Value with_filler(Value x, std::int64_t count, double number) {
  Graph& graph = *x.graph;
  const Value shape = concat({size_of(x, 0), ints(graph, {count})}, 0);
  return concat({x, fill(shape, number, DType::kFloat32)}, 1);
}

Value flat_rows(Value index, Value rows) {
  const Value image = range(size_of(index, 0));
  return index + unsqueeze(image, {1}) * rows;
}

}  // namespace tv2onnx
