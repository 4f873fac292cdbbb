#include "nn/image_transform.h"

#include "graph/ops.h"

namespace tv2onnx {
namespace {

Value per_channel(Graph& graph, std::vector<float> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return constant(graph, make_tensor({1, count, 1, 1}, std::move(values)));
}

/// wanted / side, with the rounding of the chosen release.
Value ratio(Value side, double wanted, ResizeRule rule) {
  if (rule == ResizeRule::kDouble) {
    const Value exact = cast(side, DType::kFloat64);
    return scalar_like(exact, wanted) / exact;
  }
  const Value single = cast(side, DType::kFloat32);
  return cast((scalar_like(single, 1) / single) * wanted, DType::kFloat64);
}

Value resized_size(Value original, const TransformSpec& spec) {
  Graph& graph = *original.graph;
  if (spec.fixed_size) return ints(graph, {spec.fixed_size->second, spec.fixed_size->first});
  const Value shorter = reduce_min(original, {0}, true);
  const Value longer = reduce_max(original, {0}, true);
  const Value scale = minimum(ratio(shorter, spec.min_size, spec.rule),
                              ratio(longer, spec.max_size, spec.rule));
  // The cast cuts off, which is floor for positive numbers.
  return cast(cast(original, DType::kFloat64) * scale, DType::kInt64);
}

/// Pads right and bottom up to a multiple of `divisible`.
Value pad_to_multiple(Value x, Value size, std::int64_t divisible) {
  Graph& graph = *x.graph;
  const auto step = static_cast<double>(divisible);
  const Value padded = (size + (step - 1)) / step * step;
  return pad(x, concat({ints(graph, {0, 0, 0, 0, 0, 0}), padded - size}, 0));
}

}  // namespace

TransformedImages transform_images(Value images, const TransformSpec& spec) {
  Graph& graph = *images.graph;
  const NameScope names(graph, "transform");
  std::vector<float> inverse_std;
  for (const double value : spec.std) inverse_std.push_back(static_cast<float>(1.0 / value));

  const Value shape = shape_of(images);
  const Value original = pick(shape, {2, 3}, 0);
  const Value size = resized_size(original, spec);
  const Value leading = pick(shape, {0, 1}, 0);
  // The division by std comes last, so that a pass can move it into the first convolution.
  Value x = images - per_channel(graph, {spec.mean.begin(), spec.mean.end()});
  x = resize_bilinear(x, concat({leading, size}, 0));
  x = pad_to_multiple(x, size, spec.size_divisible);
  return {x * per_channel(graph, std::move(inverse_std)), size, original};
}

}  // namespace tv2onnx
