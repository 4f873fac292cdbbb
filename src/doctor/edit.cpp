#include "doctor/edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "onnx/schema.h"

namespace tv2onnx::doctor {
namespace {

/// Also true of what was inserted after the view was made.
bool is_taken(const View& view, const std::string& name) {
  const OnnxGraph& graph = view.model().graph;
  const auto has_name = [&](const auto& value) { return value.name == name; };
  return view.producer(name) != nullptr || !view.uses(name).empty() ||
         std::ranges::any_of(graph.initializers, has_name) ||
         std::ranges::any_of(graph.inputs, has_name) || std::ranges::any_of(graph.nodes, has_name);
}

void need_inputs(const OnnxNode& node, std::unordered_set<std::string_view>& needed) {
  needed.insert(node.inputs.begin(), node.inputs.end());
  for (const OnnxAttribute& attribute : node.attributes) {
    for (const auto& nested : attribute.graphs) {
      for (const OnnxNode& inner : nested->nodes) need_inputs(inner, needed);
      for (const OnnxValueInfo& output : nested->outputs) needed.insert(output.name);
    }
  }
}

}  // namespace

std::string fresh_name(const View& view, std::string_view base) {
  std::string name = fmt::format("doctor/{}", base);
  for (int k = 1; is_taken(view, name); ++k) name = fmt::format("doctor/{}_{}", base, k);
  return name;
}

std::string add_integers(const View& view, std::string_view base,
                         std::vector<std::int64_t> values) {
  OnnxTensor tensor;
  tensor.name = fresh_name(view, base);
  tensor.data_type = schema::data_type(DType::kInt64);
  tensor.dims = {static_cast<std::int64_t>(values.size())};
  auto bytes = std::make_shared<std::vector<std::byte>>(values.size() * sizeof(std::int64_t));
  std::memcpy(bytes->data(), values.data(), bytes->size());
  tensor.bytes = *bytes;
  tensor.owner = std::move(bytes);
  view.model().graph.initializers.push_back(std::move(tensor));
  return view.model().graph.initializers.back().name;
}

std::string add_number(const View& view, std::string_view base, float value) {
  OnnxTensor tensor;
  tensor.name = fresh_name(view, base);
  tensor.data_type = schema::data_type(DType::kFloat32);
  auto bytes = std::make_shared<std::vector<std::byte>>(sizeof(float));
  std::memcpy(bytes->data(), &value, bytes->size());
  tensor.bytes = *bytes;
  tensor.owner = std::move(bytes);
  view.model().graph.initializers.push_back(std::move(tensor));
  return view.model().graph.initializers.back().name;
}

std::string insert_before(const View& view, const OnnxNode& before, std::string op,
                          std::vector<std::string> inputs, std::vector<OnnxAttribute> attributes) {
  OnnxNode node;
  node.name = fresh_name(view, op);
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  node.outputs = {node.name + "_output"};
  node.attributes = std::move(attributes);
  std::list<OnnxNode>& nodes = view.graph_of(before).nodes;
  const auto place =
      std::ranges::find_if(nodes, [&](const OnnxNode& other) { return &other == &before; });
  return nodes.insert(place, std::move(node))->outputs[0];
}

void set_input(OnnxNode& node, std::size_t index, std::string value) {
  node.inputs[index] = std::move(value);
  node.source = {};
}

void replace_readers(const View& view, std::string_view from, const std::string& to) {
  for (const View::Use& use : view.uses(from)) set_input(*use.node, use.input, to);
}

std::size_t remove_dead(OnnxModel& model) {
  std::unordered_set<std::string_view> needed;
  for (const OnnxValueInfo& output : model.graph.outputs) needed.insert(output.name);
  // Backwards, because nodes are in topological order; what nested graphs read counts too.
  std::list<OnnxNode>& nodes = model.graph.nodes;
  std::size_t removed = 0;
  for (auto node = nodes.end(); node != nodes.begin();) {
    --node;
    const bool used = std::ranges::any_of(
        node->outputs, [&](const std::string& output) { return needed.contains(output); });
    if (used) {
      need_inputs(*node, needed);
    } else {
      node = nodes.erase(node);
      ++removed;
    }
  }
  std::erase_if(model.graph.initializers,
                [&](const OnnxTensor& tensor) { return !needed.contains(tensor.name); });
  return removed;
}

OnnxAttribute integer_attribute(std::string name, std::int64_t value) {
  OnnxAttribute attribute;
  attribute.name = std::move(name);
  attribute.type = schema::attribute::kTypeInt;
  attribute.i = value;
  return attribute;
}

OnnxAttribute integers_attribute(std::string name, std::vector<std::int64_t> values) {
  OnnxAttribute attribute;
  attribute.name = std::move(name);
  attribute.type = schema::attribute::kTypeInts;
  attribute.ints = std::move(values);
  return attribute;
}

OnnxAttribute string_attribute(std::string name, std::string value) {
  OnnxAttribute attribute;
  attribute.name = std::move(name);
  attribute.type = schema::attribute::kTypeString;
  attribute.s = std::move(value);
  return attribute;
}

}  // namespace tv2onnx::doctor
