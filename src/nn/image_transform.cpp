#include "nn/image_transform.h"

#include <algorithm>
#include <vector>

#include "graph/ops.h"
#include "nn/resized_size.h"
#include "nn/scaled_sides.h"

namespace tv2onnx {
namespace {

Value per_channel(Graph& graph, std::vector<float> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return constant(graph, make_tensor({1, count, 1, 1}, std::move(values)));
}

Value resized_size(Value original, const TransformSpec& spec) {
  if (spec.no_resize) return original;
  Graph& graph = *original.graph;
  if (spec.fixed_size) return ints(graph, {spec.fixed_size->second, spec.fixed_size->first});
  if (const Tensor* known = graph.initializer(original.id)) {
    const std::vector<std::int64_t> sides = to_int64(*known);
    const auto [height, width] = resized_size({sides[0], sides[1]}, spec);
    return ints(graph, {height, width});
  }
  return scaled_sides(original, spec);
}

Value rounded_up(Value size, std::int64_t divisible) {
  const auto step = static_cast<double>(divisible);
  return (size + (step - 1)) / step * step;
}

/// Where the middles of rows of an image of `to` rows lie in the one of `from` rows that it was
/// resized from, as F.interpolate(align_corners=False) has them, from 0 on: parts / whole.
struct SourceRows {
  Value parts;
  Value whole;
};

SourceRows source_rows(Value row, Value from, Value to) {
  // Integers divided by 0 end the process.
  const Value whole = maximum(to, scalar_like(to, 1)) * 2;
  const Value parts = (row * 2 + 1.0) * from - to;
  return {maximum(parts, scalar_like(parts, 0)), whole};
}

/// F.interpolate(mode="bilinear", align_corners=False) of the rows of x [n, c, from, k] to `to`
/// rows, followed by zeros up to `padded` rows. Resize would compute the positions in float32: its
/// error of 1e-5 rows is by far the largest of the whole graph, and random networks amplify it to
/// tenths of a pixel. As whole numbers positions are exact, and weights are rounded once.
Value interpolate_rows(Value x, Value from, Value to, Value padded) {
  const Value row = range(padded);
  const SourceRows source = source_rows(row, from, to);
  const Value whole = source.parts / source.whole;
  const Value rest = source.parts - whole * source.whole;
  const Value weight = cast(rest, DType::kFloat32) / cast(source.whole, DType::kFloat32);
  // Row `from` is all zeros: where there is no image any more.
  const Value rows = pad(x, ints(*x.graph, {0, 0, 0, 0, 0, 0, 1, 0}));
  const Value inside = less(row, to);
  const Value above = gather(rows, where(inside, whole, from), 2);
  const Value below = gather(rows, where(inside, minimum(whole + 1.0, from - 1.0), from), 2);
  return above + (below - above) * unsqueeze(weight, {1});
}

/// Whether all channels have that number, so that computing with it changes nothing.
bool all_are(const std::vector<double>& values, double neutral) {
  return std::ranges::all_of(values, [&](double value) { return value == neutral; });
}

Value centred(Value images, const TransformSpec& spec) {
  if (all_are(spec.mean, 0)) return images;
  return images - per_channel(*images.graph, {spec.mean.begin(), spec.mean.end()});
}

/// The division by std comes last, so that a pass can move it into the first convolution.
Value scaled(Value images, const TransformSpec& spec) {
  if (all_are(spec.std, 1)) return images;
  std::vector<float> inverse_std;
  for (const double value : spec.std) inverse_std.push_back(static_cast<float>(1.0 / value));
  return images * per_channel(*images.graph, std::move(inverse_std));
}

/// To the right and below, as torchvision's batch_images.
Value padded_to(Value images, Value size, Value padded_size) {
  const Value none = ints(*images.graph, {0, 0, 0, 0, 0, 0});
  return pad(images, concat({none, padded_size - size}, 0));
}

/// Resized and padded.
Value resized(Value x, const TransformedImages& images) {
  const auto axis = [](Value sizes, std::int64_t k) { return pick(sizes, {k}, 0); };
  const auto rows = [&](Value planes, std::int64_t k) {
    return interpolate_rows(planes, axis(images.original_size, k), axis(images.size, k),
                            axis(images.padded_size, k));
  };
  x = transpose(rows(transpose(x, {0, 1, 3, 2}), 1), {0, 1, 3, 2});
  return rows(x, 0);
}

}  // namespace

Normalisation composed(const Normalisation& first, const Normalisation& second) {
  Normalisation both = first;
  for (std::size_t c = 0; c < both.mean.size(); ++c) {
    both.mean[c] += first.std[c] * second.mean[c];
    both.std[c] *= second.std[c];
  }
  return both;
}

Value normalised(Value images, const TransformSpec& spec) {
  const NameScope names(*images.graph, "transform");
  return scaled(centred(images, spec), spec);
}

Value input_pixels(const TransformedImages& images) {
  const NameScope names(*images.size.graph, "transform");
  // In float32, as torchvision computes it.
  return cast(images.original_size, DType::kFloat32) / cast(images.size, DType::kFloat32);
}

std::pair<std::int64_t, std::int64_t> padded_fixed_size(const TransformSpec& spec) {
  const auto padded = [&](std::int64_t side) {
    return (side + spec.size_divisible - 1) / spec.size_divisible * spec.size_divisible;
  };
  return {padded(spec.fixed_size->second), padded(spec.fixed_size->first)};
}

TransformedImages transform_images(Value images, const TransformSpec& spec) {
  Graph& graph = *images.graph;
  const NameScope names(graph, "transform");
  const Value shape = shape_of(images);
  const Value original = pick(shape, {2, 3}, 0);
  const Value size = resized_size(original, spec);
  Value x = centred(images, spec);
  const Value padded_size = rounded_up(size, spec.size_divisible);
  const TransformedImages sizes{x, size, padded_size, original};
  x = spec.no_resize ? padded_to(x, size, padded_size) : resized(x, sizes);
  if (spec.fixed_size) {
    // States the size, from which the sizes of all feature maps follow.
    const auto [height, width] = padded_fixed_size(spec);
    x = reshape(x, {0, static_cast<std::int64_t>(spec.mean.size()), height, width});
  }
  x = scaled(x, spec);
  return {x, size, padded_size, original};
}

}  // namespace tv2onnx
