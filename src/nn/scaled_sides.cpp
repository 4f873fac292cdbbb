#include "nn/scaled_sides.h"

#include <cmath>

#include "graph/ops.h"

namespace tv2onnx {
namespace {

constexpr int kMantissa = 52;  // bits of a double behind the first one
constexpr int kStep = 30;      // a remainder times 2^30 fits into int64
constexpr int kLeastExponent = -30;
constexpr int kLargestExponent = 20;  // of kLargestWantedSize

/// 2^0, 2^1, ...
Value powers(Graph& graph) {
  std::vector<std::int64_t> table(63);
  for (std::size_t k = 0; k < table.size(); ++k) table[k] = std::int64_t{1} << k;
  return ints(graph, std::move(table));
}

Value power(Value k) {
  return gather(powers(*k.graph), k, 0);
}

/// How many of the entries of `table` x [n] reaches: int64 [n].
Value reached(Value x, Value table) {
  return reduce_sum(cast(greater_or_equal(unsqueeze(x, {1}), table), DType::kInt64), {1}, false);
}

/// Digits of x in binary; none if x is not above 0.
Value bits(Value x) {
  return reached(x, powers(*x.graph));
}

Value remainder(Value a, Value b) {
  return a - a / b * b;
}

/// min_size / shorter or max_size / longer: int64 [1] each.
struct Ratio {
  Value wanted;
  Value side;
};

Ratio smaller(Value shorter, Value longer, const TransformSpec& spec) {
  Graph& graph = *shorter.graph;
  const Value least = ints(graph, {static_cast<std::int64_t>(spec.min_size)});
  const Value most = ints(graph, {static_cast<std::int64_t>(spec.max_size)});
  const Value limited = greater(least * longer, most * shorter);
  return {where(limited, most, least), where(limited, longer, shorter)};
}

/// k such that 2^52 <= 2^k * wanted / side < 2^53: the scale has its last bit at 2^-k.
Value last_bit(const Ratio& ratio) {
  const Value wanted = bits(ratio.wanted);
  const Value side = bits(ratio.side);
  const Value short_of = less(ratio.wanted * power(side), ratio.side * power(wanted));
  return side - wanted + cast(short_of, DType::kInt64) + double{kMantissa};
}

/// wanted * 2^k mod side.
Value cut_off(const Ratio& ratio, Value k) {
  Value rest = remainder(ratio.wanted * std::ldexp(1.0, kStep), ratio.side);
  const Value first = minimum(k - double{kStep}, scalar_like(k, kStep));
  rest = remainder(rest * power(first), ratio.side);
  return remainder(rest * power(k - first - double{kStep}), ratio.side);
}

/// With the scale in double. Where side * wanted / divisor is not a whole number, the next one is
/// farther away than any rounding. Where it is, the scale may have been rounded down, so that the
/// product is below it; and it stays there, if it is by more than half of a last bit.
Value by_double(Value sides, const Ratio& ratio) {
  const Value product = sides * ratio.wanted;
  const Value whole = product / ratio.side;
  const Value k = last_bit(ratio);
  const Value rest = cut_off(ratio, k);
  const Value down = less(rest * 2, ratio.side);
  // Of the numbers just below `whole` the last bit is at 2^(bits - 53).
  const Value exponent = bits(whole - 1.0) + k - double{kMantissa};
  const Value half = ratio.side * power(maximum(exponent, scalar_like(exponent, 0)));
  const Value below = logical_and(down, greater(sides * rest * 4, half));
  const Value lower = logical_and(equal(whole * ratio.side, product), below);
  return whole - cast(lower, DType::kInt64);
}

/// A number of float32 is a whole number of 24 bits and a power of two; torchvision's product with
/// it, in double, is exact.
Value times(Value sides, Value scale) {
  Graph& graph = *sides.graph;
  std::vector<float> steps;
  std::vector<float> factors{std::ldexp(1.0F, 24 - kLeastExponent)};
  std::vector<std::int64_t> divisors{std::int64_t{1} << (24 - kLeastExponent)};
  for (int exponent = kLeastExponent; exponent <= kLargestExponent; ++exponent) {
    steps.push_back(std::ldexp(1.0F, exponent));
    factors.push_back(std::ldexp(1.0F, 23 - exponent));
    divisors.push_back(std::int64_t{1} << (23 - exponent));
  }
  const Value place = reached(scale, floats(graph, std::move(steps)));
  const Value digits =
      cast(scale * gather(floats(graph, std::move(factors)), place, 0), DType::kInt64);
  return sides * digits / gather(ints(graph, std::move(divisors)), place, 0);
}

Value by_float32(Value sides, Value shorter, Value longer, const TransformSpec& spec) {
  // Reciprocal, because ONNX Runtime fuses Div(1, x) * wanted into wanted / x, which rounds once.
  const auto ratio = [](Value side, double wanted) {
    return reciprocal(cast(side, DType::kFloat32)) * wanted;
  };
  return times(sides, minimum(ratio(shorter, spec.min_size), ratio(longer, spec.max_size)));
}

}  // namespace

Value scaled_sides(Value sides, const TransformSpec& spec) {
  // Integers divided by 0 end the process; an image without pixels stays one.
  const auto above_0 = [](Value side) { return maximum(side, scalar_like(side, 1)); };
  const Value shorter = above_0(reduce_min(sides, {0}, true));
  const Value longer = above_0(reduce_max(sides, {0}, true));
  return spec.rule == ResizeRule::kDouble ? by_double(sides, smaller(shorter, longer, spec))
                                          : by_float32(sides, shorter, longer, spec);
}

}  // namespace tv2onnx
