#include "rewrite/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/fresh_name.h"
#include "onnx/schema.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

// Real detectors take a million steps at most.
constexpr std::size_t kStepsPerName = 300;  // that a node reads or makes
constexpr std::size_t kStepsOfAnyModel = 10'000'000;

template <typename Map>
const auto* found_in(const Map& map, std::string_view key) {
  const auto found = map.find(key);
  return found != map.end() ? &found->second : nullptr;
}

}  // namespace

View::View(OnnxModel& model) : model_(&model) {
  most_steps_ = kStepsOfAnyModel;
  for (const OnnxValueInfo& input : model.graph.inputs) inputs_.insert(input.name);
  add(model.graph);
  for (Names* names : {&inputs_, &outputs_}) names->erase("");
}

void View::add(OnnxGraph& graph) {
  for (OnnxTensor& tensor : graph.initializers) {
    if (!tensor.name.empty()) initializers_[tensor.name] = &tensor;
  }
  for (const OnnxValueInfo& output : graph.outputs) outputs_.insert(output.name);
  for (auto node = graph.nodes.begin(); node != graph.nodes.end(); ++node) {
    nodes_.push_back(&*node);
    add(graph, node);
    for (const OnnxAttribute& attribute : node->attributes) {
      for (const auto& nested : attribute.graphs) {
        add(*nested);
        const std::size_t count = std::min(nested->outputs.size(), node->outputs.size());
        for (std::size_t k = 0; k < count; ++k) {
          returned_[nested->outputs[k].name].push_back(node->outputs[k]);
        }
      }
    }
  }
}

void View::add(OnnxGraph& graph, std::list<OnnxNode>::iterator at) {
  places_[&*at] = {&graph, at};
  for (std::size_t k = 0; k < at->inputs.size(); ++k) {
    if (!at->inputs[k].empty()) uses_[at->inputs[k]].push_back({&*at, k});
  }
  for (const std::string& output : at->outputs) {
    if (!output.empty()) producers_[output] = &*at;
  }
  most_steps_ += kStepsPerName * (1 + at->inputs.size() + at->outputs.size());
}

void View::step(std::size_t count) const {
  steps_ += count;
  if (steps_ <= most_steps_) return;
  throw Error({.code = "O002",
               .found = fmt::format("the graph is entangled: following its values takes more than "
                                    "{} steps",
                                    most_steps_),
               .expected = "a graph that an exporter wrote",
               .hint = "export the model again; no tool for models makes such a file"});
}

OnnxNode* View::producer(std::string_view value) const {
  step();
  OnnxNode* const* found = found_in(producers_, value);
  return found != nullptr ? *found : nullptr;
}

OnnxNode* View::producer(std::string_view value, std::string_view op) const {
  OnnxNode* node = producer(value);
  return node != nullptr && node->op == op ? node : nullptr;
}

const std::vector<View::Use>& View::uses(std::string_view value) const {
  static const std::vector<Use> none;
  const std::vector<Use>* found = found_in(uses_, value);
  step(1 + (found != nullptr ? found->size() : 0));
  return found != nullptr ? *found : none;
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

bool View::is_input(std::string_view value) const {
  step();
  return inputs_.contains(value);
}

const std::vector<std::string>& View::returned_as(std::string_view value) const {
  static const std::vector<std::string> nothing;
  const std::vector<std::string>* found = found_in(returned_, value);
  step(1 + (found != nullptr ? found->size() : 0));
  return found != nullptr ? *found : nothing;
}

std::size_t View::read_count(std::string_view value) const {
  return uses(value).size() + (is_output(value) ? 1 : 0);
}

OnnxTensor* View::initializer(std::string_view value) const {
  step();
  OnnxTensor* const* found = found_in(initializers_, value);
  return found != nullptr ? *found : nullptr;
}

OnnxTensor* View::float_weight(std::string_view value) const {
  OnnxTensor* found = initializer(value);
  const bool usable = found != nullptr && found->data_type == schema::data_type(DType::kFloat32) &&
                      (found->elements || found->tensor());
  return usable ? found : nullptr;
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
  return tv2onnx::fresh_name(base, names_, suffixes_);
}

void View::add_initializer(OnnxTensor tensor) {
  OnnxTensor& added = model_->graph.initializers.emplace_back(std::move(tensor));
  integers_.clear();
  initializers_[added.name] = &added;
}

std::string View::add_constant(const std::string& base, const Tensor& tensor) {
  std::string name = fresh_name(base);
  add_initializer(stored_tensor(name, tensor));
  return name;
}

void View::insert(const OnnxNode& before, std::list<OnnxNode> nodes) {
  integers_.clear();
  const Place place = places_.at(&before);
  for (auto node = nodes.begin(); node != nodes.end(); ++node) add(*place.graph, node);
  place.graph->nodes.splice(place.at, nodes);
}

void View::set_input(OnnxNode& node, std::size_t index, const std::string& value) {
  integers_.clear();
  node.inputs.resize(std::max(node.inputs.size(), index + 1));
  std::vector<Use>& before = uses_[node.inputs[index]];
  step(before.size());
  std::erase_if(before, [&](const Use& use) { return use.node == &node && use.input == index; });
  uses_[value].push_back({&node, index});
  node.inputs[index] = value;
  node.source = {};
}

// By value: the names may be those of the very nodes that change.
void View::replace_readers(std::string from, std::string to) {
  if (from == to) return;
  integers_.clear();
  const std::vector<Use> readers = std::move(uses_[from]);
  uses_.erase(from);
  step(readers.size());
  std::vector<Use>& more = uses_[to];
  for (const Use& use : readers) {
    use.node->inputs[use.input] = to;
    use.node->source = {};
    more.push_back(use);
  }
}

void View::take_place(OnnxNode& from, OnnxNode& to) {
  if (!is_output(from.output(0))) return replace_readers(from.output(0), to.output(0));
  integers_.clear();
  std::swap(from.outputs[0], to.outputs[0]);
  for (OnnxNode* node : {&from, &to}) {
    producers_[node->outputs[0]] = node;
    node->source = {};
  }
}

}  // namespace tv2onnx
