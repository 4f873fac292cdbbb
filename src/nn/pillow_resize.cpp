// Resize has no antialiasing below opset 18, and above it ONNX Runtime's
// weights are of float32: up to 7 % of the pixels round to the other side. So
// the weights are computed here, as whole numbers: distances and weights are
// fractions of small ones. A pixel is made of few neighbours: each block of
// pixels is one product with the part of the image that it is made of. Every
// sum is exact, and so equal to Pillow's.

#include "nn/pillow_resize.h"

#include <cmath>
#include <vector>

namespace tv2onnx {
namespace {

constexpr std::int64_t kBlock = 16;
constexpr int kUnitBits = 22;
constexpr double kUnit = 1 << kUnitBits;  // Pillow's weights are whole numbers of so many parts

/// Pillow's filters, of the distance in parts of an output pixel, times 1 or,
/// the cubic one, twice the cube of the parts. The cubic one is two polynomials
/// that are 0 where they meet and end, so that no condition is needed. They fit
/// into int64 up to 2^19 parts.
Value filtered(Value distance, Value parts, bool bicubic) {
  const Value near = minimum(distance, parts);
  if (!bicubic) return parts - near;
  const Value far = minimum(maximum(distance, parts), parts * 2);
  const Value square = parts * parts;
  const Value inner = (near * 3 - parts * 5) * near * near + square * parts * 2;
  const Value outer = ((far - parts * 5) * far + square * 8) * far - square * parts * 4;
  return inner - outer;
}

/// Whole numbers a / b * kUnit, half rounded away from 0. In steps: a times
/// kUnit would not fit into int64 for the cubic filter; a times 2^6 does for
/// photos of 2^15 x 2^15 pixels.
Value units(Value a, Value b, bool bicubic) {
  const Value size = abs(a);
  Value whole = size / b;
  Value rest = size - whole * b;
  for (const int step : bicubic ? std::vector{6, 6, 5, 5} : std::vector{kUnitBits}) {
    const double factor = std::ldexp(1.0, step);
    const Value more = rest * factor / b;
    whole = whole * factor + more;
    rest = rest * factor - more * b;
  }
  whole = whole + rest * 2 / b;
  return where(less(a, scalar_like(a, 0)), scalar_like(a, 0) - whole, whole);
}

/// What the blocks of an axis are made of.
struct PillowTaps {
  Value pixels;   ///< int64 [blocks, reach]
  Value weights;  ///< float32 [blocks, 2 * kBlock, reach]
};

/// Two digits of whole numbers, the upper ones before the lower ones along axis
/// 1: sums of products with bytes are exact in float32, whatever their order,
/// for photos that shrink up to 128-fold.
Value digits(Value parts) {
  const Value numbers = cast(parts, DType::kFloat32);  // below 2^24, so exact
  const Value high = floor((numbers + 128) / 256);
  return concat({high, numbers - high * 256}, 1);
}

PillowTaps pillow_taps_of(const ResizedAxis& axis, bool bicubic) {
  const Value blocks = (axis.count + static_cast<double>(kBlock - 1)) / static_cast<double>(kBlock);
  // The last block repeats the last pixel.
  const Value places = minimum(range(blocks * static_cast<double>(kBlock)), axis.count - 1.0);
  // All that follows is in parts of a pixel of the photo: as many as it takes
  // for whole numbers.
  const Value part = axis.to * 2;
  const Value centres =
      reshape(((places + axis.first) * 2 + 1.0) * axis.from - axis.to, {-1, kBlock, 1});
  // Enlarging does not make the filter narrower.
  const Value width = maximum(axis.from, axis.to) * 2;
  const Value support = width * (bicubic ? 2 : 1);
  const Value first = reduce_min(centres, {1}, false) - support;
  const Value begin = maximum(first, scalar_like(first, 0)) / part;
  const Value end = (reduce_max(centres, {1}, false) + support + part - 1.0) / part;
  const Value reach = reduce_max(end - begin, {0}, false) + 1.0;
  const Value pixels = begin + range(reach);
  const Value inside = minimum(pixels, axis.from - 1.0);
  const Value distance = abs(unsqueeze(pixels, {1}) * part - centres);
  // Pixels outside the image do not count.
  const Value counts = unsqueeze(cast(equal(pixels, inside), DType::kInt64), {1});
  const Value weights = filtered(distance, width, bicubic) * counts;
  return {inside, digits(units(weights, reduce_sum(weights, {2}, true), bicubic))};
}

/// Sums of products with the upper digits, then with the lower ones, along an
/// axis: levels.
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
