#include "graph/integers.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace tv2onnx {
namespace {

using Ints = std::vector<std::int64_t>;

/// Nothing if the result is undefined: the runtime may say so.
std::optional<std::int64_t> arithmetic(std::string_view op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (op == "Add" && !__builtin_add_overflow(a, b, &result)) return result;
  if (op == "Sub" && !__builtin_sub_overflow(a, b, &result)) return result;
  if (op == "Mul" && !__builtin_mul_overflow(a, b, &result)) return result;
  const bool divisible = b != 0 && !(a == std::numeric_limits<std::int64_t>::min() && b == -1);
  if (op == "Div" && divisible) return a / b;
  return std::nullopt;
}

/// Elementwise with broadcasting of a single element.
std::optional<Tensor> elementwise(std::string_view op, const Tensor& left, const Tensor& right) {
  const Ints a = to_int64(left);
  const Ints b = to_int64(right);
  if (a.size() != b.size() && a.size() != 1 && b.size() != 1) return std::nullopt;
  Ints result;
  for (std::size_t k = 0; k < (a.size() == 1 ? b : a).size(); ++k) {
    const auto value = arithmetic(op, a[a.size() == 1 ? 0 : k], b[b.size() == 1 ? 0 : k]);
    if (!value) return std::nullopt;
    result.push_back(*value);
  }
  if (left.shape.empty() && right.shape.empty()) return make_tensor({}, std::move(result));
  const auto count = static_cast<std::int64_t>(result.size());
  return make_tensor({count}, std::move(result));
}

std::optional<Tensor> gathered(const Tensor& data, const Tensor& indices) {
  const Ints values = to_int64(data);
  const auto count = static_cast<std::int64_t>(values.size());
  Ints picked;
  for (std::int64_t index : to_int64(indices)) {
    if (index < 0) index += count;
    if (index < 0 || index >= count) return std::nullopt;
    picked.push_back(values[static_cast<std::size_t>(index)]);
  }
  return make_tensor(indices.shape, std::move(picked));
}

}  // namespace

std::optional<Tensor> evaluate_integers(std::string_view op, const std::vector<Tensor>& inputs) {
  const Tensor& first = inputs[0];
  if (op == "Concat") {
    Ints joined;
    for (const Tensor& input : inputs) std::ranges::copy(to_int64(input), back_inserter(joined));
    const auto count = static_cast<std::int64_t>(joined.size());
    return make_tensor({count}, std::move(joined));
  }
  if (op == "Gather" && inputs.size() == 2) return gathered(first, inputs[1]);
  // Between a scalar and one element; anything else would have a rank above 1.
  if (op == "Squeeze" && first.shape == Shape{1}) return make_tensor({}, to_int64(first));
  if (op == "Unsqueeze" && first.shape.empty()) return make_tensor({1}, to_int64(first));
  return inputs.size() == 2 ? elementwise(op, first, inputs[1]) : std::nullopt;
}

}  // namespace tv2onnx
