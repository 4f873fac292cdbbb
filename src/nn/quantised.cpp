#include "nn/quantised.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <ranges>
#include <string_view>
#include <vector>

#include "nn/prepared_layer.h"
#include "nn/quantised_weight.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr const char* kObserver = "activation_post_process";
constexpr double kMostRoundedBias = 2147483647;  // beyond that torch has int32 saturate
constexpr int kOpsetOfChannels = 13;             // since when DequantizeLinear has an axis

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
               .expected =
                   "scale and zero_point of what comes before; torch up to 1.13 stores none of "
                   "Hardswish when it converts a model"});
}

Value scalar(Graph& graph, Scope s, std::string_view leaf, bool integer) {
  const std::optional<Shape> stored = s.shape(leaf);
  const Tensor tensor = s.tensor(leaf, stored && stored->size() == 1 ? Shape{1} : Shape{});
  const std::vector<float> value =
      tensor.data != nullptr ? to_float(tensor) : std::vector<float>{integer ? 0.0F : 1.0F};
  require_rounding(s, leaf, value[0], integer);
  if (integer) return constant(graph, make_tensor({}, std::vector{std::uint8_t(value[0])}));
  return constant(graph, make_tensor({}, std::vector{value[0]}));
}

/// The dequantised weight and bias.
struct Weights {
  Value weight;
  Value bias;
};

/// One scale, or one for each row.
Value scales(Graph& graph, const std::vector<float>& values) {
  const bool one = values.size() == 1;
  return constant(
      graph, make_tensor(one ? Shape{} : Shape{static_cast<std::int64_t>(values.size())}, values));
}

Value dequantised_weight(Scope s, std::string_view leaf, const QuantisedWeight& weight) {
  Graph& graph = s.graph();
  if (weight.scales.size() > 1 && graph.opset() < kOpsetOfChannels) {
    throw Error({.code = "U002",
                 .found = fmt::format("opset {}", graph.opset()),
                 .where = {.item = "--opset"},
                 .expected = fmt::format("at least {}: the weights have a scale for each channel",
                                         kOpsetOfChannels)});
  }
  const Value integers = graph.add_weight(fmt::format("{}.{}", s.prefix(), leaf), weight.integers);
  const Value scale = scales(graph, weight.scales);
  Tensor zeros = make_tensor(graph.initializer(scale.id)->shape, weight.zero_points);
  zeros.dtype = DType::kInt8;
  return dequantize(integers, scale, constant(graph, std::move(zeros)));
}

/// The bias as torch rounds it: int32, in units of input times weight.
Value dequantised_bias(Scope s, std::string_view leaf, const std::vector<float>& numbers,
                       std::vector<float> units, Value x) {
  Graph& graph = s.graph();
  const float input = to_float(*graph.initializer(rounding_of(x)->scale.id))[0];
  for (float& unit : units) unit *= input;
  std::vector<std::int32_t> values;
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    const double whole = std::nearbyint(numbers[k] / units[units.size() == 1 ? 0 : k]);
    values.push_back(
        static_cast<std::int32_t>(std::clamp(whole, -kMostRoundedBias, kMostRoundedBias)));
  }
  const Value scale = scales(graph, units);
  const Tensor zeros =
      make_tensor(graph.initializer(scale.id)->shape, std::vector<std::int32_t>(units.size()));
  const Value bias =
      graph.add_weight(fmt::format("{}.{}", s.prefix(), leaf),
                       make_tensor({static_cast<std::int64_t>(numbers.size())}, std::move(values)));
  return dequantize(bias, scale, constant(graph, zeros));
}

bool has_rounding(Scope s) {
  return s.has("scale") || (s / kObserver).has("scale");
}

Value rounded_as_stored(Scope s, Value x) {
  const NameScope names(s.graph(), s.prefix());
  const bool prepared = !s.has("scale") && (s / kObserver).has("scale");
  const Scope place = prepared ? s / kObserver : s;
  const Rounding rounding{scalar(s.graph(), place, "scale", false),
                          scalar(s.graph(), place, "zero_point", true)};
  if (prepared) place.pass_over();
  return round_to(rounding, x);
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

Weights weights_of_layer(Scope s, const LinearPlace& place, const Shape& shape, double norm_eps,
                         Value input) {
  const bool prepared = is_prepared(s);
  const PreparedLayer layer = prepared ? prepared_layer(s, shape, norm_eps) : PreparedLayer{};
  const QuantisedWeight weight = prepared ? layer.weight : stored_weight(s, place.weight, shape);
  std::vector<float> numbers = layer.bias;
  if (!prepared && s.has(place.bias)) {
    const Tensor stored = s.tensor(place.bias, {weight.integers.shape[0]});
    numbers.assign(static_cast<std::size_t>(stored.size()), 0);
    if (stored.data != nullptr) numbers = to_float(stored);
  }
  Weights own{.weight = dequantised_weight(s, place.weight, weight), .bias = {}};
  if (!numbers.empty()) own.bias = dequantised_bias(s, place.bias, numbers, weight.scales, input);
  return own;
}

}  // namespace

Value rounded(Scope s, Value x) {
  return has_rounding(s) ? rounded_as_stored(s, x) : x;
}

bool only_rounds(Scope s) {
  return has_rounding(s) && !is_converted(s);
}

Value rounded_share(Value x) {
  Graph& graph = *x.graph;
  return round_to({constant(graph, make_tensor({}, std::vector{1.0F / 256})),
                   constant(graph, make_tensor({}, std::vector{std::uint8_t{0}}))},
                  x);
}

Value rounded_like(Value x, Value y) {
  const std::optional<Rounding> rounding = rounding_of(x);
  return rounding ? round_to(*rounding, y) : y;
}

/// Of an even number of positions many means lie between two numbers. torch (qnnpack) adds whole
/// numbers and multiplies by scale / (scale * positions), in float32: that decides.
Value average_of_rounded(Value x) {
  const std::optional<Rounding> rounding = rounding_of(x);
  if (!rounding) return global_average_pool(x);
  const auto& [scale, zero_point] = *rounding;
  const Value one = scalar_like(scale, 1);
  const Value integers = dequantize(quantize(x, scale, zero_point), one, zero_point);
  const Value positions = cast(size_of(x, 2) * size_of(x, 3), DType::kFloat32);
  const Value mean = reduce_sum(integers, {2, 3}, true) * (scale / (scale * positions));
  return dequantize(quantize(mean, one, zero_point), scale, zero_point);
}

bool is_rounded(Value x) {
  return rounding_of(x).has_value();
}

bool is_rounded_above_zero(Value x) {
  const std::optional<Rounding> rounding = rounding_of(x);
  return rounding && to_int64(*x.graph->initializer(rounding->zero_point.id))[0] == 0;
}

bool is_converted(Scope s) {
  return linear_place(s) != nullptr || is_prepared(s);
}

Value converted_conv2d(Scope s, Value x, const ConvAttributes& attributes, const Shape& shape,
                       double norm_eps) {
  const Value input = on_grid(s, x);
  const Weights own = weights_of_layer(s, {"weight", "bias"}, shape, norm_eps, input);
  return rounded_as_stored(s, conv(input, own.weight, own.bias, attributes));
}

Value converted_linear(Scope s, Value x, std::int64_t out) {
  const Value input = on_grid(s, x);
  const LinearPlace place = is_prepared(s) ? LinearPlace{"weight", "bias"} : *linear_place(s);
  const Weights own = weights_of_layer(s, place, {out, x.dim(1).number()}, 0, input);
  return rounded_as_stored(s, gemm(input, own.weight, own.bias));
}

}  // namespace tv2onnx
