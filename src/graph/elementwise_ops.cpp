#include "graph/ops.h"

#include <numbers>

#include "graph/emit.h"

namespace tv2onnx {

namespace {

Value extreme(std::string_view op, Value a, Value b) {
  if (a.graph->opset() >= 12 || is_floating(a.dtype())) return binary(op, a, b);
  return op == "Min" ? where(less(a, b), a, b) : where(less(a, b), b, a);
}

}  // namespace

Value operator+(Value a, Value b) {
  return binary("Add", a, b);
}
Value operator-(Value a, Value b) {
  return binary("Sub", a, b);
}
Value operator*(Value a, Value b) {
  return binary("Mul", a, b);
}
Value operator/(Value a, Value b) {
  return binary("Div", a, b);
}
Value operator+(Value a, double b) {
  return a + scalar_like(a, b);
}
Value operator-(Value a, double b) {
  return a - scalar_like(a, b);
}
Value operator*(Value a, double b) {
  return a * scalar_like(a, b);
}
Value operator/(Value a, double b) {
  return a / scalar_like(a, b);
}

Value minimum(Value a, Value b) {
  return extreme("Min", a, b);
}
Value maximum(Value a, Value b) {
  return extreme("Max", a, b);
}
Value mod(Value a, Value b) {
  return binary("Mod", a, b);
}
Divided divided(Value a, Value b) {
  const Value whole = a / b;
  return {whole, a - whole * b};
}
Value reciprocal(Value x) {
  return unary("Reciprocal", x);
}
Value abs(Value x) {
  return unary("Abs", x);
}
Value exp(Value x) {
  return unary("Exp", x);
}
Value floor(Value x) {
  return unary("Floor", x);
}
Value ceil(Value x) {
  return unary("Ceil", x);
}
Value round(Value x) {
  return unary("Round", x);
}
Value log(Value x) {
  return unary("Log", x);
}
Value sqrt(Value x) {
  return unary("Sqrt", x);
}
Value sigmoid(Value x) {
  return unary("Sigmoid", x);
}
Value relu(Value x) {
  return unary("Relu", x);
}
Value relu6(Value x) {
  return one("Clip", {x, scalar_like(x, 0), scalar_like(x, 6)}, {x.dtype(), dims(x)});
}
Value hard_sigmoid(Value x) {
  return unary("HardSigmoid", x, {{"alpha", 1.0F / 6.0F}, {"beta", 0.5F}});
}
Value hard_swish(Value x) {
  return x.graph->opset() >= 14 ? unary("HardSwish", x) : x * hard_sigmoid(x);
}
Value tanh(Value x) {
  return unary("Tanh", x);
}
Value gelu(Value x) {
  if (x.graph->opset() >= 20) return unary("Gelu", x);
  // In this order ONNX Runtime takes it for one operation.
  return x * (unary("Erf", x / std::numbers::sqrt2) + 1) * 0.5;
}
Value softmax(Value x, std::int64_t axis) {
  return unary("Softmax", x, {{"axis", axis}});
}

Value greater(Value a, Value b) {
  return compare("Greater", a, b);
}
Value less(Value a, Value b) {
  return compare("Less", a, b);
}
Value equal(Value a, Value b) {
  return compare("Equal", a, b);
}
Value greater_or_equal(Value a, Value b) {
  if (a.graph->opset() >= 12) return compare("GreaterOrEqual", a, b);
  return one("Not", {less(a, b)}, {DType::kBool, broadcast(a, b)});
}
Value logical_and(Value a, Value b) {
  return compare("And", a, b);
}
Value where(Value condition, Value a, Value b) {
  return one("Where", {condition, a, b}, {a.dtype(), broadcast(broadcast(condition, a), dims(b))});
}
Value non_zero(Value x) {
  return one("NonZero", {x}, {DType::kInt64, Dims{{}, {}}});
}

}  // namespace tv2onnx
