#include "graph/ops.h"

#include <fmt/format.h>

#include <array>

#include "graph/emit.h"
#include "tv2onnx/error.h"

namespace tv2onnx {

using Ints = std::vector<std::int64_t>;

namespace {

std::int64_t onnx_dtype(DType dtype) {
  constexpr std::array<std::int64_t, 10> kCodes{1, 11, 10, 16, 3, 5, 6, 7, 2, 9};
  return kCodes[static_cast<std::size_t>(dtype)];
}

Tensor number(DType dtype, double value, Shape shape) {
  switch (dtype) {
    case DType::kFloat32: return make_tensor(std::move(shape), std::vector{float(value)});
    case DType::kFloat64: return make_tensor(std::move(shape), std::vector{value});
    case DType::kInt32: return make_tensor(std::move(shape), std::vector{std::int32_t(value)});
    case DType::kInt64: return make_tensor(std::move(shape), std::vector{std::int64_t(value)});
    case DType::kUInt8: return make_tensor(std::move(shape), std::vector{std::uint8_t(value)});
    case DType::kBool: return make_bool_tensor(std::move(shape), {std::uint8_t(value != 0)});
    default:
      throw Error(
          {.code = "X001", .found = fmt::format("no constants of type {}", dtype_name(dtype))});
  }
}

}  // namespace

Value constant(Graph& graph, Tensor tensor) {
  return graph.add_constant(std::move(tensor));
}
Value scalar_like(Value like, double value) {
  return constant(*like.graph, number(like.dtype(), value, {}));
}
Value floats(Graph& graph, std::vector<float> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return constant(graph, make_tensor({count}, std::move(values)));
}
Value ints(Graph& graph, Ints values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return constant(graph, make_tensor({count}, std::move(values)));
}

Value cast(Value x, DType dtype) {
  if (x.dtype() == dtype) return x;
  return one("Cast", {x}, {dtype, dims(x)}, {{"to", onnx_dtype(dtype)}});
}

Value fill(Value shape, double value, DType dtype) {
  return one("ConstantOfShape", {shape}, {dtype, stated(shape)},
             {{"value", number(dtype, value, {1})}});
}

}  // namespace tv2onnx
