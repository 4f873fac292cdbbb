#include "graph/emit.h"

#include <algorithm>
#include <ranges>

#include "graph/integers.h"
#include "graph/ops.h"

namespace tv2onnx {

using Ints = std::vector<std::int64_t>;

namespace {

Graph& graph_of(const std::vector<Value>& inputs) {
  const auto present = std::ranges::find_if(inputs, [](const Value& v) { return bool(v); });
  return *present->graph;
}

/// What the operator makes of constants, if they describe shapes or indices.
std::optional<Tensor> known_integers(std::string_view op, const std::vector<Value>& inputs) {
  std::vector<Tensor> constants;
  for (const Value& input : inputs) {
    const Tensor* known = input ? input.graph->initializer(input.id) : nullptr;
    if (known == nullptr || known->dtype != DType::kInt64 || known->shape.size() > 1) return {};
    constants.push_back(*known);
  }
  return evaluate_integers(op, constants);
}

}  // namespace

Value one(std::string_view op, const std::vector<Value>& inputs, OutputType type,
          std::vector<Attribute> attributes) {
  if (const std::optional<Tensor> known = known_integers(op, inputs)) {
    return graph_of(inputs).add_constant(*known);
  }
  return graph_of(inputs).emit(op, inputs, {std::move(type)}, std::move(attributes)).front();
}

const std::optional<Dims>& dims(Value x) {
  return x.graph->info(x.id).dims;
}

std::optional<Dims> broadcast(Value a, Value b) {
  return broadcast(dims(a), dims(b));
}

std::optional<Dims> stated(Value shape) {
  const Tensor* constant = shape.graph->initializer(shape.id);
  if (constant == nullptr) return std::nullopt;
  Dims known;
  for (const std::int64_t size : to_int64(*constant)) known.emplace_back(size);
  return known;
}

std::optional<Dims> broadcast(std::optional<Dims> a, std::optional<Dims> b) {
  if (!a || !b) return std::nullopt;
  Dims longer = *std::move(a);
  Dims shorter = *std::move(b);
  if (longer.size() < shorter.size()) std::swap(longer, shorter);
  const std::size_t shift = longer.size() - shorter.size();
  for (std::size_t k = 0; k < shorter.size(); ++k) {
    Dim& dim = longer[k + shift];
    if (dim == Dim(1)) {
      dim = shorter[k];
    } else if (shorter[k] != Dim(1) && shorter[k] != dim) {
      dim = dim.is_number() ? dim : shorter[k].is_number() ? shorter[k] : Dim();
    }
  }
  return longer;
}

Value unary(std::string_view op, Value x, std::vector<Attribute> attributes) {
  return one(op, {x}, {x.dtype(), dims(x)}, std::move(attributes));
}

Value binary(std::string_view op, Value a, Value b) {
  return one(op, {a, b}, {a.dtype(), broadcast(a, b)});
}

Value compare(std::string_view op, Value a, Value b) {
  return one(op, {a, b}, {DType::kBool, broadcast(a, b)});
}

Value with_axes(std::string_view op, Value x, Ints axes, int since, OutputType type,
                std::vector<Attribute> attributes) {
  if (x.graph->opset() >= since) {
    return one(op, {x, ints(*x.graph, std::move(axes))}, std::move(type), std::move(attributes));
  }
  attributes.push_back({"axes", std::move(axes)});
  return one(op, {x}, std::move(type), std::move(attributes));
}

std::optional<Dims> reduced(Value x, const Ints& axes, bool keep) {
  if (!dims(x)) return std::nullopt;
  Dims shape;
  for (std::size_t k = 0; k < dims(x)->size(); ++k) {
    const bool gone = std::ranges::find(axes, static_cast<std::int64_t>(k)) != axes.end();
    if (!gone) shape.push_back((*dims(x))[k]);
    if (gone && keep) shape.emplace_back(1);
  }
  return shape;
}

std::vector<std::int64_t> twice(std::span<const std::int64_t> values) {
  std::vector<std::int64_t> both(values.begin(), values.end());
  both.insert(both.end(), values.begin(), values.end());
  return both;
}

bool all_numbers(const Dims& dims) {
  return std::ranges::all_of(dims, &Dim::is_number);
}

std::int64_t product(const Dims& dims) {
  std::int64_t result = 1;
  for (const Dim& dim : dims) result *= dim.number();
  return result;
}

}  // namespace tv2onnx
