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
  // Reciprocal, because ONNX Runtime fuses Div(1, x) * wanted into wanted / x, which rounds once.
  return cast(reciprocal(single) * wanted, DType::kFloat64);
}

Value resized_size(Value original, const TransformSpec& spec) {
  Graph& graph = *original.graph;
  if (spec.fixed_size) return ints(graph, {spec.fixed_size->second, spec.fixed_size->first});
  const Value shorter = reduce_min(original, {0}, true);
  const Value longer = reduce_max(original, {0}, true);
  const Value scale =
      minimum(ratio(shorter, spec.min_size, spec.rule), ratio(longer, spec.max_size, spec.rule));
  // The cast cuts off, which is floor for positive numbers.
  return cast(cast(original, DType::kFloat64) * scale, DType::kInt64);
}

Value rounded_up(Value size, std::int64_t divisible) {
  const auto step = static_cast<double>(divisible);
  return (size + (step - 1)) / step * step;
}

/// Pads right and bottom.
Value pad_to(Value x, Value size, Value padded_size) {
  return pad(x, concat({ints(*x.graph, {0, 0, 0, 0, 0, 0}), padded_size - size}, 0));
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
  const Value padded_size = rounded_up(size, spec.size_divisible);
  x = pad_to(x, size, padded_size) * per_channel(graph, std::move(inverse_std));
  return {x, size, padded_size, original};
}

}  // namespace tv2onnx
