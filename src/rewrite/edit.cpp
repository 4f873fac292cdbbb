#include "rewrite/edit.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "onnx/schema.h"

namespace tv2onnx {
namespace {

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
bool rename(std::string& name, const NewNames& names) {
  const auto found = names.find(name);
  if (found == names.end()) return false;
  name = found->second;
  return true;
}

}  // namespace

OnnxNode node_of(const char* op, std::vector<std::string> inputs, std::string output) {
  OnnxNode node;
  node.op = op;
  node.name = output;
  node.inputs = std::move(inputs);
  node.outputs = {std::move(output)};
  return node;
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

void replace_elements(OnnxTensor& tensor, const Tensor& elements) {
  tensor = stored_tensor(std::move(tensor.name), elements);
}

void multiply_rows(OnnxTensor& tensor, std::vector<double> factors) {
  tensor.elements = tensor.tensor();
  tensor.factors = std::move(factors);
  tensor.bytes = {};
  tensor.source = {};
}

void rename_values(OnnxGraph& graph, const NewNames& names) {
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
  std::unordered_set<const OnnxNode*> seen;
  while (!queue.empty()) {
    const auto node = producers.find(queue.back());
    queue.pop_back();
    if (node == producers.end() || !seen.insert(node->second).second) continue;
    for_each_read(*node->second, need);
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
