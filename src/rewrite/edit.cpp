#include "rewrite/edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include "onnx/schema.h"

namespace tv2onnx {
namespace {

/// Also true of what was inserted after the view was made.
bool is_taken(const View& view, const std::string& name) {
  const OnnxGraph& graph = view.model().graph;
  const auto has_name = [&](const auto& value) { return value.name == name; };
  return view.producer(name) != nullptr || !view.uses(name).empty() ||
         std::ranges::any_of(graph.initializers, has_name) ||
         std::ranges::any_of(graph.inputs, has_name) || std::ranges::any_of(graph.nodes, has_name);
}

template <typename T>
std::string add_tensor(const View& view, std::string_view base, DType dtype, Shape dims,
                       const std::vector<T>& values) {
  OnnxTensor tensor;
  tensor.name = fresh_name(view, base);
  tensor.data_type = schema::data_type(dtype);
  tensor.dims = std::move(dims);
  const auto raw = std::as_bytes(std::span(values));
  auto bytes = std::make_shared<std::vector<std::byte>>(raw.begin(), raw.end());
  tensor.bytes = *bytes;
  tensor.owner = std::move(bytes);
  view.model().graph.initializers.push_back(std::move(tensor));
  return view.model().graph.initializers.back().name;
}

/// Calls `read` with all that the node reads, in its branches too.
template <typename Read>
void for_each_read(const OnnxNode& node, const Read& read) {
  for (const std::string& input : node.inputs) read(input);
  for (const OnnxAttribute& attribute : node.attributes) {
    for (const auto& nested : attribute.graphs) {
      for (const OnnxNode& inner : nested->nodes) for_each_read(inner, read);
      for (const OnnxValueInfo& output : nested->outputs) read(output.name);
    }
  }
}

/// Whether the name was one to change.
bool rename(std::string& name, const Names& names) {
  const auto found = names.find(name);
  if (found == names.end()) return false;
  name = found->second;
  return true;
}

}  // namespace

std::string fresh_name(const View& view, std::string_view base) {
  std::string name = fmt::format("doctor/{}", base);
  for (int k = 1; is_taken(view, name); ++k) name = fmt::format("doctor/{}_{}", base, k);
  return name;
}

std::string add_integers(const View& view, std::string_view base,
                         const std::vector<std::int64_t>& values) {
  return add_tensor(view, base, DType::kInt64, {static_cast<std::int64_t>(values.size())}, values);
}

std::string add_integer(const View& view, std::string_view base, std::int64_t value) {
  return add_tensor<std::int64_t>(view, base, DType::kInt64, {}, {value});
}

std::string add_numbers(const View& view, std::string_view base, const std::vector<float>& values) {
  return add_tensor(view, base, DType::kFloat32, {static_cast<std::int64_t>(values.size())},
                    values);
}

std::string add_number(const View& view, std::string_view base, float value) {
  return add_tensor<float>(view, base, DType::kFloat32, {}, {value});
}

std::string add_double(const View& view, std::string_view base, double value) {
  return add_tensor<double>(view, base, DType::kFloat64, {}, {value});
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

void set_attribute(OnnxNode& node, OnnxAttribute attribute) {
  const auto same = std::ranges::find(node.attributes, attribute.name, &OnnxAttribute::name);
  if (same != node.attributes.end()) {
    *same = std::move(attribute);
  } else {
    node.attributes.push_back(std::move(attribute));
  }
  node.source = {};
}

void replace_readers(const View& view, std::string_view from, const std::string& to) {
  for (const View::Use& use : view.uses(from)) set_input(*use.node, use.input, to);
}

void rename_values(OnnxGraph& graph, const Names& names) {
  for (OnnxNode& node : graph.nodes) {
    for (std::string& input : node.inputs) {
      if (rename(input, names)) node.source = {};
    }
    for (std::string& output : node.outputs) {
      if (rename(output, names)) node.source = {};
    }
    for (OnnxAttribute& attribute : node.attributes) {
      for (const auto& nested : attribute.graphs) rename_values(*nested, names);
    }
  }
  for (OnnxTensor& tensor : graph.initializers) {
    if (rename(tensor.name, names)) tensor.source = {};
  }
  for (auto* infos : {&graph.inputs, &graph.outputs, &graph.value_infos}) {
    for (OnnxValueInfo& info : *infos) {
      if (rename(info.name, names)) info.source = {};
    }
  }
}

std::unordered_set<std::string_view> needed_values(const OnnxGraph& graph) {
  std::unordered_map<std::string_view, const OnnxNode*> producers;
  for (const OnnxNode& node : graph.nodes) {
    for (const std::string& output : node.outputs) producers[output] = &node;
  }
  std::unordered_set<std::string_view> needed;
  std::vector<std::string_view> queue;
  const auto need = [&](std::string_view value) {
    if (!value.empty() && needed.insert(value).second) queue.push_back(value);
  };
  for (const OnnxValueInfo& output : graph.outputs) need(output.name);
  while (!queue.empty()) {
    const auto node = producers.find(queue.back());
    queue.pop_back();
    if (node != producers.end()) for_each_read(*node->second, need);
  }
  return needed;
}

bool is_needed(const OnnxNode& node, const std::unordered_set<std::string_view>& needed) {
  return std::ranges::any_of(node.outputs,
                             [&](const std::string& output) { return needed.contains(output); });
}

std::size_t remove_dead(OnnxModel& model) {
  OnnxGraph& graph = model.graph;
  // The set views names of nodes that go, so what it says is asked before any of them does.
  const std::unordered_set<std::string_view> needed = needed_values(graph);
  std::vector<std::list<OnnxNode>::iterator> dead;
  for (auto node = graph.nodes.begin(); node != graph.nodes.end(); ++node) {
    if (!is_needed(*node, needed)) dead.push_back(node);
  }
  std::erase_if(graph.initializers,
                [&](const OnnxTensor& tensor) { return !needed.contains(tensor.name); });
  for (const auto node : dead) graph.nodes.erase(node);
  return dead.size();
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

}  // namespace tv2onnx
