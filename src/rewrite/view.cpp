#include "rewrite/view.h"

namespace tv2onnx {

View::View(OnnxModel& model) : model_(&model) {
  add(model.graph);
}

void View::add(OnnxGraph& graph) {
  for (const OnnxTensor& tensor : graph.initializers) initializers_[tensor.name] = &tensor;
  for (const OnnxValueInfo& output : graph.outputs) outputs_.insert(output.name);
  for (OnnxNode& node : graph.nodes) {
    nodes_.push_back(&node);
    graphs_[&node] = &graph;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      uses_[node.inputs[k]].push_back({&node, k});
    }
    for (const std::string& output : node.outputs) producers_[output] = &node;
    for (const OnnxAttribute& attribute : node.attributes) {
      for (const auto& nested : attribute.graphs) add(*nested);
    }
  }
}

OnnxNode* View::producer(std::string_view value) const {
  const auto found = producers_.find(value);
  return found != producers_.end() ? found->second : nullptr;
}

OnnxNode* View::producer(std::string_view value, std::string_view op) const {
  OnnxNode* node = producer(value);
  return node != nullptr && node->op == op ? node : nullptr;
}

const std::vector<View::Use>& View::uses(std::string_view value) const {
  static const std::vector<Use> none;
  const auto found = uses_.find(value);
  return found != uses_.end() ? found->second : none;
}

std::vector<OnnxNode*> View::readers(std::string_view value, std::string_view op) const {
  std::vector<OnnxNode*> nodes;
  for (const Use& use : uses(value)) {
    if (use.node->op == op) nodes.push_back(use.node);
  }
  return nodes;
}

bool View::is_output(std::string_view value) const {
  return outputs_.contains(value);
}

std::optional<Tensor> View::constant(std::string_view value) const {
  // Chains of Identity are short; the bound is against cycles in damaged files.
  for (int step = 0; step < 16; ++step) {
    const auto found = initializers_.find(value);
    if (found != initializers_.end()) return found->second->tensor();
    const OnnxNode* node = producer(value);
    if (node == nullptr) return std::nullopt;
    if (node->op == "Constant") {
      const OnnxAttribute* attribute = node->find("value");
      if (attribute == nullptr || !attribute->tensor) return std::nullopt;
      return attribute->tensor->tensor();
    }
    if (node->op != "Identity" || node->inputs.empty()) return std::nullopt;
    value = node->inputs[0];
  }
  return std::nullopt;
}

std::optional<std::vector<std::int64_t>> View::integers(std::string_view value) const {
  if (const std::optional<Tensor> tensor = constant(value)) {
    if (is_floating(tensor->dtype)) return std::nullopt;
    return to_int64(*tensor);
  }
  const OnnxNode* node = producer(value);
  if (node == nullptr || node->inputs.empty()) return std::nullopt;
  if (node->op == "Unsqueeze" || node->op == "Squeeze" || node->op == "Cast") {
    return integers(node->inputs[0]);
  }
  if (node->op != "Concat") return std::nullopt;
  std::vector<std::int64_t> all;
  for (const std::string& input : node->inputs) {
    const auto part = integers(input);
    if (!part) return std::nullopt;
    all.insert(all.end(), part->begin(), part->end());
  }
  return all;
}

std::optional<double> View::number(std::string_view value) const {
  const std::optional<Tensor> tensor = constant(value);
  if (!tensor || tensor->size() != 1) return std::nullopt;
  if (!is_floating(tensor->dtype)) return static_cast<double>(to_int64(*tensor)[0]);
  return to_float(*tensor)[0];
}

std::optional<SliceBounds> slice_bounds(const View& view, const OnnxNode& node) {
  const auto bounds = [&](std::size_t input, std::string_view attribute,
                          std::int64_t otherwise) -> std::optional<std::int64_t> {
    std::optional<std::vector<std::int64_t>> values;
    if (const OnnxAttribute* found = node.find(attribute)) {
      values = found->ints;
    } else if (input < node.inputs.size() && !node.inputs[input].empty()) {
      values = view.integers(node.inputs[input]);
    } else {
      return otherwise;
    }
    if (!values || values->size() != 1) return std::nullopt;
    return (*values)[0];
  };
  if (node.op != "Slice") return std::nullopt;
  const auto start = bounds(1, "starts", 0);
  const auto end = bounds(2, "ends", 0);
  const auto axis = bounds(3, "axes", 0);
  const auto step = bounds(4, "steps", 1);
  if (!start || !end || !axis || !step) return std::nullopt;
  return SliceBounds{*axis, *start, *end, *step};
}

std::optional<std::vector<std::int64_t>> axes_of(const View& view, const OnnxNode& node) {
  if (const OnnxAttribute* attribute = node.find("axes")) return attribute->ints;
  if (node.inputs.size() > 1) return view.integers(node.inputs[1]);
  return std::nullopt;
}

}  // namespace tv2onnx
