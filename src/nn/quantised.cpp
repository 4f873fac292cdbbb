#include "nn/quantised.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <ranges>
#include <string_view>
#include <vector>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr double kMostBias = 2147483647;  // beyond that torch has int32 saturate
constexpr int kOpsetOfChannels = 13;      // since when DequantizeLinear has an axis

/// What a value was rounded to.
struct Rounding {
  Value scale;
  Value zero_point;
};

const Node* producer(Value x) {
  const auto nodes = std::views::reverse(x.graph->nodes());
  const auto node = std::ranges::find_if(nodes, [&](const Node& each) {
    return std::ranges::find(each.outputs, x.id) != each.outputs.end();
  });
  return node != nodes.end() ? &*node : nullptr;
}

/// These give numbers that they were given.
bool keeps_numbers(const Node& node) {
  constexpr auto kOps = std::to_array<std::string_view>(
      {"Flatten", "Gather", "MaxPool", "Relu", "Reshape", "Slice", "Transpose"});
  return std::ranges::find(kOps, node.op) != kOps.end();
}

std::optional<Rounding> rounding_of(Value x) {
  const Node* node = producer(x);
  while (node != nullptr && keeps_numbers(*node)) node = producer({x.graph, node->inputs[0]});
  if (node == nullptr || node->op != "DequantizeLinear") return std::nullopt;
  return Rounding{{x.graph, node->inputs[1]}, {x.graph, node->inputs[2]}};
}

Value round_to(const Rounding& rounding, Value x) {
  return dequantize(quantize(x, rounding.scale, rounding.zero_point), rounding.scale,
                    rounding.zero_point);
}

/// Runtimes want what layers take straight from DequantizeLinear.
Value on_grid(Scope s, Value x) {
  const Node* node = producer(x);
  if (node != nullptr && node->op == "DequantizeLinear") return x;
  const std::optional<Rounding> rounding = rounding_of(x);
  if (rounding) return round_to(*rounding, x);
  throw Error({.code = "W002",
               .found = "a layer that is converted takes a value that no layer rounds",
               .where = {.item = s.prefix()},
               .expected = "scale and zero_point of the layer before"});
}

Tensor int8_tensor(Shape shape, std::vector<std::uint8_t> bytes) {
  Tensor tensor = make_tensor(std::move(shape), std::move(bytes));
  tensor.dtype = DType::kInt8;
  return tensor;
}

void require(bool holds, Scope s, std::string_view leaf, float found) {
  if (holds) return;
  throw Error({.code = "W002",
               .found = fmt::format("{}", found),
               .where = {.item = fmt::format("{}.{}", s.prefix(), leaf)},
               .expected = "a finite scale above 0, a zero point of 0 to 255"});
}
bool is_scale(float number) {
  return std::isfinite(number) && number > 0;
}

Value scalar(Graph& graph, Scope s, std::string_view leaf, bool integer) {
  const std::optional<Shape> stored = s.shape(leaf);
  const Tensor tensor = s.tensor(leaf, stored && stored->size() == 1 ? Shape{1} : Shape{});
  const std::vector<float> value =
      tensor.data != nullptr ? to_float(tensor) : std::vector<float>{integer ? 0.0F : 1.0F};
  require(integer ? value[0] >= 0 && value[0] <= 255 : is_scale(value[0]), s, leaf, value[0]);
  if (integer) return constant(graph, make_tensor({}, std::vector{std::uint8_t(value[0])}));
  return constant(graph, make_tensor({}, std::vector{value[0]}));
}

/// An int8 weight and its scales: one, or one for each row.
struct Weight {
  Value value;
  std::vector<float> scales;
};

Weight converted_weight(Scope s, std::string_view leaf, const Shape& shape) {
  Graph& graph = s.graph();
  const Tensor stored = s.tensor(leaf, shape);
  const std::string scale_name = fmt::format("{}.scale", leaf);
  const std::string zero_name = fmt::format("{}.zero_point", leaf);
  const Shape kept = s.shape(scale_name).value_or(Shape{});
  const Shape own = kept.empty() ? Shape{} : Shape{stored.shape[0]};
  const Tensor scale = s.tensor(scale_name, own);
  const Tensor zero = s.tensor(zero_name, own);
  if (!own.empty() && graph.opset() < kOpsetOfChannels) {
    throw Error({.code = "U002",
                 .found = fmt::format("opset {}", graph.opset()),
                 .where = {.item = "--opset"},
                 .expected = fmt::format("at least {}: the weights have a scale for each channel",
                                         kOpsetOfChannels)});
  }
  if (stored.data != nullptr && stored.dtype != DType::kInt8) {
    throw Error({.code = "W002",
                 .found = fmt::format("a quantised weight of {}", dtype_name(stored.dtype)),
                 .where = {.item = fmt::format("{}.{}", s.prefix(), leaf)},
                 .expected = "int8 (torch.qint8)"});
  }
  Weight weight;
  weight.scales.assign(static_cast<std::size_t>(element_count(own)), 1);
  std::vector<std::uint8_t> zeros(weight.scales.size());
  if (scale.data != nullptr) weight.scales = to_float(scale);
  for (const float each : weight.scales) require(is_scale(each), s, scale_name, each);
  if (zero.data != nullptr) {
    std::ranges::transform(to_int64(zero), zeros.begin(),
                           [](std::int64_t each) { return static_cast<std::uint8_t>(each); });
  }
  const Value numbers = graph.add_weight(fmt::format("{}.{}", s.prefix(), leaf), stored);
  weight.value = dequantize(numbers, constant(graph, make_tensor(own, weight.scales)),
                            constant(graph, int8_tensor(own, std::move(zeros))));
  return weight;
}

/// The bias as torch rounds it: int32, in units of input times weight.
Value converted_bias(Scope s, std::string_view leaf, const Weight& weight, Value x,
                     std::int64_t rows) {
  Graph& graph = s.graph();
  const Tensor stored = s.tensor(leaf, {rows});
  const Value scale = rounding_of(x)->scale;
  const float input = to_float(*graph.initializer(scale.id))[0];
  std::vector<float> units = weight.scales;
  for (float& unit : units) unit *= input;
  std::vector<std::int32_t> values(static_cast<std::size_t>(rows));
  if (stored.data != nullptr) {
    const std::vector<float> numbers = to_float(stored);
    for (std::size_t k = 0; k < values.size(); ++k) {
      const float unit = units[units.size() == 1 ? 0 : k];
      const double whole = std::nearbyint(numbers[k] / unit);
      values[k] = static_cast<std::int32_t>(std::clamp(whole, -kMostBias, kMostBias));
    }
  }
  const Shape own = units.size() > 1 ? Shape{rows} : Shape{};
  const Value zeros = constant(
      graph,
      make_tensor(own, std::vector<std::int32_t>(static_cast<std::size_t>(element_count(own)))));
  const Value bias = graph.add_weight(fmt::format("{}.{}", s.prefix(), leaf),
                                      make_tensor({rows}, std::move(values)));
  return dequantize(bias, constant(graph, make_tensor(own, std::move(units))), zeros);
}

Value rounded_as_stored(Scope s, Value x) {
  const NameScope names(s.graph(), s.prefix());
  return round_to({scalar(s.graph(), s, "scale", false), scalar(s.graph(), s, "zero_point", true)},
                  x);
}

/// Where a linear layer keeps its weight and bias. torch <= 1.3, 1.4 and since 1.5.
struct LinearPlace {
  std::string_view weight;
  std::string_view bias;
};
constexpr auto kLinearPlaces = std::to_array<LinearPlace>(
    {{"_packed_params._packed_params.0", "_packed_params._packed_params.1"},
     {"_packed_params.weight", "_packed_params.bias"},
     {"weight", "bias"}});

const LinearPlace* linear_place(Scope s) {
  const auto place = std::ranges::find_if(kLinearPlaces, [&](const LinearPlace& each) {
    return s.has(fmt::format("{}.scale", each.weight));
  });
  return place != kLinearPlaces.end() ? &*place : nullptr;
}

}  // namespace

Value rounded(Scope s, Value x) {
  return s.has("scale") ? rounded_as_stored(s, x) : x;
}

Value rounded_like(Value x, Value y) {
  const std::optional<Rounding> rounding = rounding_of(x);
  return rounding ? round_to(*rounding, y) : y;
}

bool is_rounded(Value x) {
  return rounding_of(x).has_value();
}

bool is_rounded_above_zero(Value x) {
  const std::optional<Rounding> rounding = rounding_of(x);
  return rounding && to_int64(*x.graph->initializer(rounding->zero_point.id))[0] == 0;
}

bool is_converted(Scope s) {
  return linear_place(s) != nullptr;
}

Value converted_conv2d(Scope s, Value x, const ConvAttributes& attributes, const Shape& shape) {
  const Value input = on_grid(s, x);
  const Weight weight = converted_weight(s, "weight", shape);
  const std::int64_t rows = weight.value.dim(0).number();
  const Value bias = s.has("bias") ? converted_bias(s, "bias", weight, input, rows) : Value();
  return rounded_as_stored(s, conv(input, weight.value, bias, attributes));
}

Value converted_linear(Scope s, Value x, std::int64_t out) {
  const LinearPlace& place = *linear_place(s);
  const Value input = on_grid(s, x);
  const Weight weight = converted_weight(s, place.weight, {out, x.dim(1).number()});
  const std::int64_t rows = weight.value.dim(0).number();
  const Value bias =
      s.has(place.bias) ? converted_bias(s, place.bias, weight, input, rows) : Value();
  return rounded_as_stored(s, gemm(input, weight.value, bias));
}

}  // namespace tv2onnx
