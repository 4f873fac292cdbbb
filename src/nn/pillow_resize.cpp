// Resize has no antialiasing below opset 18, and above it ONNX Runtime's weights are of float32: up
// to 7 % of the pixels round to the other side. So the weights are computed here, in double. A
// pixel is made of few neighbours: each block of pixels is one product with the part of the image
// that it is made of. Every sum is exact, and so equal to Pillow's.

#include "nn/pillow_resize.h"

#include "nn/image_transform.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kBlock = 16;
constexpr double kUnit = 1 << 22;  // Pillow's weights are whole numbers of so many parts

/// Pillow's filters, of the distance in output pixels. The cubic one is two polynomials that are 0
/// where they meet and end, so that no condition is needed.
Value filtered(Value distance, bool bicubic) {
  const auto at_most = [](Value x, double limit) { return minimum(x, scalar_like(x, limit)); };
  const Value near = at_most(distance, 1);
  if (!bicubic) return scalar_like(near, 1) - near;
  constexpr double kA = -0.5;
  const Value far = at_most(maximum(distance, scalar_like(distance, 1)), 2);
  const Value inner = ((near * (kA + 2) - (kA + 3)) * near * near) + 1;
  const Value outer = (((far - 5) * far + 8) * far - 4) * kA;
  return inner + outer;
}

/// Half is rounded away from 0.
Value rounded(Value x) {
  return where(less(x, scalar_like(x, 0)), ceil(x - 0.5), floor(x + 0.5));
}

/// What the blocks of an axis are made of.
struct PillowTaps {
  Value pixels;   ///< int64 [blocks, reach]
  Value weights;  ///< float32 [blocks, 2 * kBlock, reach]
};

/// Two digits of whole numbers, the upper ones before the lower ones along axis 1: sums of products
/// with bytes are exact in float32, whatever their order, for photos that shrink up to 128-fold.
Value digits(Value parts) {
  const Value high = floor((parts + 128) / 256);
  return cast(concat({high, parts - high * 256}, 1), DType::kFloat32);
}

PillowTaps pillow_taps_of(const ResizedAxis& axis, bool bicubic) {
  const Value blocks = (axis.count + static_cast<double>(kBlock - 1)) / static_cast<double>(kBlock);
  // The last block repeats the last pixel.
  const Value places = minimum(range(blocks * static_cast<double>(kBlock)), axis.count - 1.0);
  const Value centres =
      reshape(source_rows(places + axis.first, axis.from, axis.to), {-1, kBlock, 1});
  const Value scale = cast(axis.from, DType::kFloat64) / cast(axis.to, DType::kFloat64);
  // Enlarging does not make the filter narrower.
  const Value width = maximum(scale, scalar_like(scale, 1));
  const Value support = width * (bicubic ? 2 : 1);
  const Value begin = floor(reduce_min(centres, {1}, false) - support);
  const Value end = ceil(reduce_max(centres, {1}, false) + support);
  const Value reach = cast(reduce_max(end - begin, {0}, false), DType::kInt64) + 1.0;
  const Value pixels = cast(begin, DType::kInt64) + range(reach);
  const Value last = axis.from - 1.0;
  const Value inside = minimum(maximum(pixels, scalar_like(pixels, 0)), last);
  const Value distance = abs(cast(unsqueeze(pixels, {1}), DType::kFloat64) - centres) / width;
  // Pixels outside the image do not count.
  const Value counts = unsqueeze(cast(equal(pixels, inside), DType::kFloat64), {1});
  const Value weights = filtered(distance, bicubic) * counts;
  return {inside, digits(rounded(weights / reduce_sum(weights, {2}, true) * kUnit))};
}

/// Sums of products with the upper digits, then with the lower ones, along an axis: levels.
Value levels(Value sums, std::int64_t axis) {
  const auto [high, low] = halves(sums, axis);
  const Value whole = floor((high + floor(low / 256) + kUnit / 512) / (kUnit / 256));
  return minimum(maximum(whole, scalar_like(whole, 0)), scalar_like(whole, 255));
}

Value flat(Value x) {
  return reshape(x, {-1});
}

/// Bytes [n, h, w, c] as [n, c, h, count].
Value resized_columns(Value bytes, const ResizedAxis& axis, bool bicubic) {
  Graph& graph = *bytes.graph;
  const PillowTaps taps = pillow_taps_of(axis, bicubic);
  const Value planes = transpose(gather(bytes, flat(taps.pixels), 2), {0, 3, 1, 2});
  const Value lines = reshape_to(planes, concat({ints(graph, {-1}), shape_of(taps.pixels)}, 0));
  const Value blocks = cast(transpose(lines, {1, 0, 2}), DType::kFloat32);
  const Value narrow = levels(matmul(blocks, transpose(taps.weights, {0, 2, 1})), 2);
  const Value sizes = concat({size_of(bytes, 0), size_of(bytes, 3), size_of(bytes, 1)}, 0);
  const Value whole = concat({sizes, ints(graph, {-1})}, 0);
  return slice_to(reshape_to(transpose(narrow, {1, 0, 2}), whole), 3, axis.count);
}

/// x [n, c, h, w] as [n, c, count, w].
Value resized_rows(Value x, const ResizedAxis& axis, bool bicubic) {
  Graph& graph = *x.graph;
  const PillowTaps taps = pillow_taps_of(axis, bicubic);
  const Value width = size_of(x, 3);
  const Value lines = reshape_to(gather(x, flat(taps.pixels), 2),
                                 concat({ints(graph, {-1}), shape_of(taps.pixels), width}, 0));
  const Value whole = concat({size_of(x, 0), size_of(x, 1), ints(graph, {-1}), width}, 0);
  return slice_to(reshape_to(levels(matmul(taps.weights, lines), 2), whole), 2, axis.count);
}

}  // namespace

Value resized_as_pillow(Value bytes, const ResizedAxis& rows, const ResizedAxis& columns,
                        bool bicubic) {
  return resized_rows(resized_columns(bytes, columns, bicubic), rows, bicubic);
}

}  // namespace tv2onnx
