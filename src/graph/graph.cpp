#include "tv2onnx/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/fresh_name.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

Dims dims_of(const Tensor& tensor) {
  return {tensor.shape.begin(), tensor.shape.end()};
}

}  // namespace

DType Value::dtype() const {
  return graph->info(id).dtype;
}
const std::string& Value::name() const {
  return graph->info(id).name;
}

Dim Value::dim(std::size_t axis) const {
  const std::optional<Dims>& dims = graph->info(id).dims;
  return dims && axis < dims->size() ? (*dims)[axis] : Dim();
}

const Attribute* Node::find(std::string_view attribute) const {
  const auto found = std::ranges::find(attributes, attribute, &Attribute::name);
  return found != attributes.end() ? &*found : nullptr;
}

std::int64_t ir_version_of(int opset) {
  if (opset <= 11) return 6;
  if (opset <= 14) return 7;
  if (opset <= 18) return 8;
  return opset <= 20 ? 9 : 10;
}

std::string_view onnx_runtime_of(int opset) {
  constexpr std::array<std::string_view, kMaxOpset - kMinOpset + 1> kReleases{
      "1.2", "1.3", "1.6", "1.8", "1.9", "1.11", "1.12", "1.14", "1.15", "1.17", "1.18"};
  return kReleases[static_cast<std::size_t>(opset - kMinOpset)];
}

Graph::Graph(int opset) : opset_(opset) {
  if (opset < kMinOpset || opset > kMaxOpset) {
    throw Error({.code = "U002",
                 .found = fmt::format("opset {} is not supported", opset),
                 .expected = fmt::format("{} to {}", kMinOpset, kMaxOpset),
                 .hint = fmt::format("leave --opset out for the default, {}", kDefaultOpset)});
  }
}

std::string Graph::unique_name(const std::string& base) {
  return fresh_name(base, names_, next_suffix_);
}

std::uint32_t Graph::new_value(std::string name, DType dtype, std::optional<Dims> dims) {
  values_.push_back({std::move(name), dtype, std::move(dims)});
  return static_cast<std::uint32_t>(values_.size() - 1);
}

Value Graph::add_input(const std::string& name, DType dtype, Dims dims) {
  const Value input = add_input(name, dtype);
  values_[input.id].dims = std::move(dims);
  return input;
}

Value Graph::add_input(const std::string& name, DType dtype) {
  const std::uint32_t id = new_value(unique_name(name), dtype, std::nullopt);
  inputs_.push_back(id);
  return {this, id};
}

std::uint32_t Graph::new_initializer(const std::string& name, Tensor tensor, DType dtype) {
  const std::uint32_t id = new_value(unique_name(name), dtype, dims_of(tensor));
  initializers_.emplace(id, std::move(tensor));
  initializer_order_.push_back(id);
  return id;
}

Value Graph::add_weight(const std::string& name, Tensor tensor) {
  const auto known = weights_by_name_.find(name);
  if (known != weights_by_name_.end()) return {this, known->second};
  const DType dtype = is_floating(tensor.dtype) ? DType::kFloat32 : tensor.dtype;
  const std::uint32_t id = new_initializer(name, std::move(tensor), dtype);
  weights_by_name_.emplace(name, id);
  return {this, id};
}

Value Graph::add_constant(Tensor tensor) {
  const DType dtype = tensor.dtype;
  const std::vector<std::byte> bytes = contiguous_bytes(tensor);
  std::string key = fmt::format("{}{}:", dtype_name(tensor.dtype), shape_text(tensor.shape));
  key.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto known = constants_.find(key);
  if (known != constants_.end()) return {this, known->second};
  const std::uint32_t id = new_initializer(
      fmt::format("const/{}{}", dtype_name(dtype), constants_.size()), std::move(tensor), dtype);
  constants_.emplace(std::move(key), id);
  return {this, id};
}

void Graph::add_output(Value value, const std::string& name, Dims dims) {
  // Inputs, weights and other outputs keep their own names.
  if (!may_be_output(value.id)) value = emit("Identity", {value}, {{value.dtype()}}).front();
  ValueInfo& info = values_[value.id];
  // The old name stays taken: a node may have it.
  if (info.name != name) info.name = unique_name(name);
  info.dims = std::move(dims);
  outputs_.push_back(value.id);
}

std::vector<Value> Graph::emit(std::string_view op, const std::vector<Value>& inputs,
                               std::vector<OutputType> outputs, std::vector<Attribute> attributes) {
  const std::string& module = scope.empty() ? title : scope;
  const std::string name =
      unique_name(module.empty() ? std::string(op) : fmt::format("{}/{}", module, op));
  Node node{std::string(op), name, {}, {}, std::move(attributes)};
  for (const Value& input : inputs) node.inputs.push_back(input ? input.id : kAbsent);
  std::vector<Value> results;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    std::string label = k == 0 ? name : unique_name(fmt::format("{}:{}", name, k));
    const std::uint32_t id =
        new_value(std::move(label), outputs[k].dtype, std::move(outputs[k].dims));
    node.outputs.push_back(id);
    results.push_back({this, id});
  }
  nodes_.push_back(std::move(node));
  return results;
}

const Tensor* Graph::initializer(std::uint32_t id) const {
  const auto found = initializers_.find(id);
  return found != initializers_.end() ? &found->second : nullptr;
}

bool Graph::may_be_output(std::uint32_t id) const {
  return std::ranges::find(inputs_, id) == inputs_.end() &&
         std::ranges::find(outputs_, id) == outputs_.end() && initializer(id) == nullptr;
}

NameScope::NameScope(Graph& graph, std::string_view name) : graph_(graph), outer_(graph.scope) {
  graph_.scope = name;
}

NameScope::~NameScope() {
  graph_.scope = std::move(outer_);
}

}  // namespace tv2onnx
