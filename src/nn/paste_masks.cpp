#include "nn/paste_masks.h"

#include <numeric>
#include <vector>

#include "graph/ops.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kPadding = 1;

/// expand_boxes and the cut to integers: int64 [n, 4], whose last row and column belong to the box.
Value expanded(Value boxes, std::int64_t size) {
  const double scale = static_cast<double>(size + 2 * kPadding) / static_cast<double>(size);
  const Value first = slice(boxes, {.axis = 1, .start = 0, .end = 2});
  const Value last = slice(boxes, {.axis = 1, .start = 2, .end = 4});
  const Value half = (last - first) * 0.5 * scale;
  const Value center = (last + first) * 0.5;
  return cast(concat({center - half, center + half}, 1), DType::kInt64);
}

/// Which row of the mask each pixel of an axis shows, float32 [n, pixels]: F.interpolate's position
/// in the padded mask, so that the mask's own rows are 1..size, or -1 outside the box. `first` and
/// `last` are int64 [n, 1].
Value positions(Value first, Value last, Value pixels, std::int64_t size) {
  const Value index = range(pixels) - first;
  const Value length = last - first + 1.0;
  const Value shown = cast(length, DType::kFloat32);
  const Value scale = scalar_like(shown, static_cast<double>(size + 2 * kPadding)) / shown;
  const Value position = (cast(index, DType::kFloat32) + 0.5) * scale - 0.5;
  const Value inside =
      logical_and(greater_or_equal(index, scalar_like(index, 0)), less(index, length));
  return where(inside, position, scalar_like(position, -1));
}

/// Weights of bilinear interpolation between places 1 apart.
Value nearness(Value position, Value place) {
  return relu(scalar_like(position, 1) - abs(position - place));
}

}  // namespace

Value paste_masks(Value masks, Value boxes, Value image_size) {
  Graph& graph = *masks.graph;
  const std::int64_t size = masks.dim(2).number();
  std::vector<float> numbers(static_cast<std::size_t>(size));
  std::iota(numbers.begin(), numbers.end(), 1.0F);  // the padding around them is zero anyway
  const Value rows_of_mask = floats(graph, numbers);
  const Value columns_of_mask = constant(graph, make_tensor({size, 1}, std::move(numbers)));

  const Value box = expanded(boxes, size);
  const auto along = [&](std::int64_t axis) {
    return positions(pick(box, {1 - axis}, 1), pick(box, {3 - axis}, 1),
                     pick(image_size, {axis}, 0), size);
  };
  const Value rows = nearness(unsqueeze(along(0), {2}), rows_of_mask);        // [n, height, size]
  const Value columns = nearness(unsqueeze(along(1), {1}), columns_of_mask);  // [n, size, width]
  return unsqueeze(matmul(matmul(rows, squeeze(masks, {1})), columns), {1});
}

}  // namespace tv2onnx
