#include "doctor/rebuild/constants.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>

namespace tv2onnx::doctor {
namespace {

// Against cycles and growth in damaged files: values of an expression, elements of each.
constexpr int kMostConstantValues = 64;
constexpr std::int64_t kMaxElements = 1 << 16;

using Elements = std::vector<float>;

std::int64_t broadcast_dim(const Shape& shape, std::size_t rank, std::size_t axis) {
  const std::size_t missing = rank - shape.size();
  return axis < missing ? 1 : shape[axis - missing];
}

std::optional<Shape> broadcast_shape(const Shape& a, const Shape& b) {
  const std::size_t rank = std::max(a.size(), b.size());
  Shape shape(rank);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::int64_t m = broadcast_dim(a, rank, axis);
    const std::int64_t n = broadcast_dim(b, rank, axis);
    if (m != n && m != 1 && n != 1) return std::nullopt;
    shape[axis] = m == 1 ? n : m;
  }
  return shape;
}

/// The element of an operand that belongs to element `index` of the result.
std::size_t operand_index(const Shape& shape, const Shape& result, std::size_t index) {
  std::size_t at = 0;
  std::size_t step = 1;
  for (std::size_t axis = result.size(); axis-- > 0;) {
    const auto size = static_cast<std::size_t>(result[axis]);
    const auto own = static_cast<std::size_t>(broadcast_dim(shape, result.size(), axis));
    at += own == 1 ? 0 : index % size * step;
    step *= own;
    index /= size;
  }
  return at;
}

std::optional<Tensor> combined(const Tensor& a, const Tensor& b,
                               const std::function<float(float, float)>& operation) {
  const std::optional<Shape> shape = broadcast_shape(a.shape, b.shape);
  if (!shape || element_count(*shape) > kMaxElements) return std::nullopt;
  const Elements left = to_float(a);
  const Elements right = to_float(b);
  Elements result(static_cast<std::size_t>(element_count(*shape)));
  for (std::size_t k = 0; k < result.size(); ++k) {
    result[k] = operation(left[operand_index(a.shape, *shape, k)],
                          right[operand_index(b.shape, *shape, k)]);
  }
  return make_tensor(*shape, std::move(result));
}

std::optional<Tensor> mapped(const Tensor& x, float (*operation)(float)) {
  Elements values = to_float(x);
  std::ranges::transform(values, values.begin(), operation);
  return make_tensor(x.shape, std::move(values));
}

std::optional<Tensor> reshaped_constant(const View& view, const OnnxNode& node, Tensor x) {
  const auto wanted = node.inputs.size() > 1 ? view.integers(node.input(1)) : std::nullopt;
  if (!wanted) return std::nullopt;
  Shape shape = *wanted;
  std::int64_t known = 1;
  for (std::size_t k = 0; k < shape.size(); ++k) {
    if (shape[k] == 0 && k < x.shape.size()) shape[k] = x.shape[k];
    if (shape[k] == -1) continue;
    if (shape[k] < 1 || known > x.size() / shape[k]) return std::nullopt;  // or it has no elements
    known *= shape[k];
  }
  std::ranges::replace(shape, -1, x.size() / known);
  if (std::ranges::count(*wanted, -1) > 1 || element_count(shape) != x.size()) return std::nullopt;
  return make_tensor(shape, to_float(x));
}

std::optional<Tensor> with_axes(const View& view, const OnnxNode& node, const Tensor& x) {
  auto axes = axes_of(view, node);
  if (!axes) return std::nullopt;
  const bool grows = node.op == "Unsqueeze";
  const auto rank = static_cast<std::int64_t>(x.shape.size() + (grows ? axes->size() : 0));
  for (std::int64_t& axis : *axes) axis += axis < 0 ? rank : 0;
  std::ranges::sort(*axes);
  Shape shape = x.shape;
  for (std::size_t k = 0; k < axes->size(); ++k) {
    const std::size_t place = grows ? k : axes->size() - 1 - k;
    const auto at = shape.begin() + std::clamp<std::int64_t>((*axes)[place], 0, std::ssize(shape));
    if (grows) {
      shape.insert(at, 1);
    } else if (at != shape.end() && *at == 1) {
      shape.erase(at);
    }
  }
  if (element_count(shape) != x.size()) return std::nullopt;
  return make_tensor(shape, to_float(x));
}

std::optional<Tensor> clipped(const View& view, const OnnxNode& node, const Tensor& x) {
  const auto limit = [&](std::size_t input, std::string_view attribute, float otherwise) {
    if (const OnnxAttribute* found = node.find(attribute)) return found->f;
    const bool given = input < node.inputs.size() && !node.input(input).empty();
    const auto number = given ? view.number(node.input(input)) : std::nullopt;
    return number ? static_cast<float>(*number) : otherwise;
  };
  constexpr float kLargest = std::numeric_limits<float>::max();
  const float low = limit(1, "min", -kLargest);
  const float high = limit(2, "max", kLargest);
  Elements values = to_float(x);
  for (float& value : values) value = std::min(std::max(value, low), high);
  return make_tensor(x.shape, std::move(values));
}

/// `left`: how many values may yet be looked at.
std::optional<Tensor> evaluated(const View& view, std::string_view value, int& left);

std::optional<Tensor> evaluated(const View& view, const OnnxNode& node, int& left) {
  if (node.inputs.empty()) return std::nullopt;
  std::optional<Tensor> x = evaluated(view, node.input(0), left);
  if (!x) return std::nullopt;
  if (node.op == "Identity" || node.op == "Cast") return x;
  if (node.op == "Sqrt") return mapped(*x, [](float a) { return std::sqrt(a); });
  if (node.op == "Reciprocal") return mapped(*x, [](float a) { return 1 / a; });
  if (node.op == "Neg") return mapped(*x, [](float a) { return -a; });
  if (node.op == "Reshape") return reshaped_constant(view, node, *x);
  if (node.op == "Unsqueeze" || node.op == "Squeeze") return with_axes(view, node, *x);
  if (node.op == "Clip") return clipped(view, node, *x);
  if (node.inputs.size() != 2) return std::nullopt;
  const std::optional<Tensor> y = evaluated(view, node.input(1), left);
  if (!y) return std::nullopt;
  view.step(static_cast<std::size_t>(std::max(x->size(), y->size())));
  if (node.op == "Add") return combined(*x, *y, std::plus());
  if (node.op == "Sub") return combined(*x, *y, std::minus());
  if (node.op == "Mul") return combined(*x, *y, std::multiplies());
  if (node.op == "Div") return combined(*x, *y, std::divides());
  return std::nullopt;
}

std::optional<Tensor> evaluated(const View& view, std::string_view value, int& left) {
  if (--left < 0) return std::nullopt;
  if (const std::optional<Tensor> known = view.constant(value)) {
    if (known->size() > kMaxElements) return std::nullopt;
    view.step(static_cast<std::size_t>(known->size()));
    return make_tensor(known->shape, to_float(*known));
  }
  const OnnxNode* node = view.producer(value);
  return node != nullptr ? evaluated(view, *node, left) : std::nullopt;
}

}  // namespace

std::optional<Tensor> float_constant(const View& view, std::string_view value) {
  int left = kMostConstantValues;
  return evaluated(view, value, left);
}

std::optional<double> float_number(const View& view, std::string_view value) {
  const std::optional<Tensor> tensor = float_constant(view, value);
  if (!tensor || tensor->size() == 0) return std::nullopt;
  const Elements values = to_float(*tensor);
  if (std::ranges::count(values, values[0]) != std::ssize(values)) return std::nullopt;
  return shortest(values[0]);
}

double shortest(float value) {
  // By fmt, which is linked anyway: std::to_chars of a float brings tables of 100 KiB.
  const std::string text = fmt::format("{}", value);
  double number = value;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace tv2onnx::doctor
