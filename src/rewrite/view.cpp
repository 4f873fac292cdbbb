#include "rewrite/view.h"

#include <fmt/format.h>

#include <utility>

#include "onnx/schema.h"

namespace tv2onnx {

View::View(OnnxModel& model) : model_(&model) {
  add(model.graph);
}

void View::add(OnnxGraph& graph) {
  for (OnnxTensor& tensor : graph.initializers) initializers_[tensor.name] = &tensor;
  for (const OnnxValueInfo& output : graph.outputs) outputs_.insert(output.name);
  for (auto node = graph.nodes.begin(); node != graph.nodes.end(); ++node) {
    nodes_.push_back(&*node);
    add(graph, node);
    for (const OnnxAttribute& attribute : node->attributes) {
      for (const auto& nested : attribute.graphs) add(*nested);
    }
  }
}

void View::add(OnnxGraph& graph, std::list<OnnxNode>::iterator at) {
  places_[&*at] = {&graph, at};
  for (std::size_t k = 0; k < at->inputs.size(); ++k) uses_[at->inputs[k]].push_back({&*at, k});
  for (const std::string& output : at->outputs) producers_[output] = &*at;
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

std::size_t View::read_count(std::string_view value) const {
  return uses(value).size() + (is_output(value) ? 1 : 0);
}

OnnxTensor* View::initializer(std::string_view value) const {
  const auto found = initializers_.find(value);
  return found != initializers_.end() ? found->second : nullptr;
}

OnnxTensor* View::float_weight(std::string_view value) const {
  OnnxTensor* found = initializer(value);
  const bool usable =
      found != nullptr && found->tensor() && found->data_type == schema::data_type(DType::kFloat32);
  return usable ? found : nullptr;
}

std::optional<Tensor> View::constant(std::string_view value) const {
  // Chains of Identity are short; the bound is against cycles in damaged files.
  for (int step = 0; step < 16; ++step) {
    if (const OnnxTensor* found = initializer(value)) return found->tensor();
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

void View::collect_names() {
  const auto take = [&](const auto& list) {
    for (const auto& item : list) names_.insert(item.name);
  };
  take(model_->graph.inputs);
  for (const OnnxNode* node : nodes_) names_.insert(node->name);
  for (const auto& [name, place] : initializers_) names_.insert(name);
  for (const auto& [name, place] : producers_) names_.insert(name);
  for (const auto& [name, place] : uses_) names_.insert(name);
}

std::string View::fresh_name(const std::string& base) {
  if (names_.empty()) collect_names();
  if (names_.insert(base).second) return base;
  int& suffix = suffixes_[base];
  std::string name;
  do {
    name = fmt::format("{}_{}", base, ++suffix);
  } while (!names_.insert(name).second);
  return name;
}

void View::add_initializer(OnnxTensor tensor) {
  OnnxTensor& added = model_->graph.initializers.emplace_back(std::move(tensor));
  initializers_[added.name] = &added;
}

std::string View::add_constant(const std::string& base, const Tensor& tensor) {
  std::string name = fresh_name(base);
  add_initializer(stored_tensor(name, tensor));
  return name;
}

void View::insert(const OnnxNode& before, std::list<OnnxNode> nodes) {
  const Place place = places_.at(&before);
  for (auto node = nodes.begin(); node != nodes.end(); ++node) add(*place.graph, node);
  place.graph->nodes.splice(place.at, nodes);
}

void View::set_input(OnnxNode& node, std::size_t index, const std::string& value) {
  std::erase_if(uses_[node.inputs[index]],
                [&](const Use& use) { return use.node == &node && use.input == index; });
  uses_[value].push_back({&node, index});
  node.inputs[index] = value;
  node.source = {};
}

// By value: the names may be those of the very nodes that change.
void View::replace_readers(std::string from, std::string to) {
  if (from == to) return;
  const std::vector<Use> readers = std::move(uses_[from]);
  uses_.erase(from);
  std::vector<Use>& more = uses_[to];
  for (const Use& use : readers) {
    use.node->inputs[use.input] = to;
    use.node->source = {};
    more.push_back(use);
  }
}

void View::take_place(OnnxNode& from, OnnxNode& to) {
  if (!is_output(from.outputs[0])) return replace_readers(from.outputs[0], to.outputs[0]);
  std::swap(from.outputs[0], to.outputs[0]);
  for (OnnxNode* node : {&from, &to}) {
    producers_[node->outputs[0]] = node;
    node->source = {};
  }
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
