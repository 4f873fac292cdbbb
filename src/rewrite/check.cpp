#include "rewrite/check.h"

#include <fmt/format.h>

#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "rewrite/edit.h"

namespace tv2onnx {
namespace {

using NameSet = std::unordered_set<std::string_view>;

void collect_made(const OnnxGraph& graph, NameSet& made) {
  for (const OnnxNode& node : graph.nodes) {
    made.insert(node.outputs.begin(), node.outputs.end());
    for (const OnnxAttribute& attribute : node.attributes) {
      for (const auto& nested : attribute.graphs) collect_made(*nested, made);
    }
  }
}

/// Goes through the graphs in the order of the file.
class Reading {
 public:
  explicit Reading(const OnnxModel& model) {
    collect_made(model.graph, made_somewhere_);
    read(model.graph);
  }

  std::vector<ValueProblem> problems;

 private:
  using Kind = ValueProblem::Kind;

  /// What a graph makes itself, and what it adds to the names that are known inside it.
  struct Own {
    NameSet made;
    std::vector<std::string_view> added;
  };

  void know(const std::string& name, Own& own) {
    if (known_.insert(name).second) own.added.push_back(name);
  }

  void define(Own& own, const std::string& name, const OnnxNode* node) {
    if (name.empty()) return;
    if (!own.made.insert(name).second) problems.push_back({Kind::kTwice, name, node});
    know(name, own);
  }

  void expect(const std::string& name, const OnnxNode* node) {
    if (name.empty() || known_.contains(name)) return;
    const bool later = node != nullptr && made_somewhere_.contains(name);
    problems.push_back({later ? Kind::kLater : Kind::kUnknown, name, node});
  }

  void read(const OnnxGraph& graph) {
    Own own;
    for (const OnnxTensor& tensor : graph.initializers) define(own, tensor.name, nullptr);
    // Before IR version 4 initialisers were inputs too.
    for (const OnnxValueInfo& input : graph.inputs) know(input.name, own);
    for (const OnnxNode& node : graph.nodes) {
      for (const std::string& input : node.inputs) expect(input, &node);
      for (const OnnxAttribute& attribute : node.attributes) {
        for (const auto& nested : attribute.graphs) read(*nested);
      }
      for (const std::string& output : node.outputs) define(own, output, &node);
    }
    for (const OnnxValueInfo& output : graph.outputs) expect(output.name, nullptr);
    for (const std::string_view name : own.added) known_.erase(name);
  }

  NameSet known_;  ///< here and in the graphs around
  NameSet made_somewhere_;
};

std::string text_of(const ValueProblem& problem) {
  const bool output = problem.node == nullptr;
  switch (problem.kind) {
    case ValueProblem::Kind::kTwice:
      return output ? fmt::format("two weights are called '{}'", problem.value)
                    : fmt::format("node {} makes '{}' again", problem.node->name, problem.value);
    case ValueProblem::Kind::kUnknown:
      return output ? fmt::format("nothing makes the output '{}'", problem.value)
                    : fmt::format("node {} reads '{}', which nothing makes", problem.node->name,
                                  problem.value);
    case ValueProblem::Kind::kLater: break;
  }
  return fmt::format("node {} reads '{}' before it is made", problem.node->name, problem.value);
}

using Nodes = std::vector<const OnnxNode*>;

void collect_nodes(const OnnxGraph& graph, Nodes& nodes) {
  for (const OnnxNode& node : graph.nodes) {
    nodes.push_back(&node);
    for (const OnnxAttribute& attribute : node.attributes) {
      for (const auto& nested : attribute.graphs) collect_nodes(*nested, nodes);
    }
  }
}

}  // namespace

std::vector<ValueProblem> find_value_problems(const OnnxModel& model) {
  return Reading(model).problems;
}

// Kahn's algorithm: nodes are taken away as soon as all that they read is there.
bool has_cycle(const OnnxModel& model) {
  Nodes nodes;
  collect_nodes(model.graph, nodes);
  std::unordered_map<std::string_view, std::size_t> maker;
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    for (const std::string& output : nodes[k]->outputs) maker[output] = k;
  }
  std::vector<std::vector<std::size_t>> readers(nodes.size());
  std::vector<std::size_t> waits_for(nodes.size(), 0);
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    for (const std::string& input : nodes[k]->inputs) {
      const auto made = input.empty() ? maker.end() : maker.find(input);
      if (made == maker.end()) continue;
      readers[made->second].push_back(k);
      ++waits_for[k];
    }
  }
  std::vector<std::size_t> ready;
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    if (waits_for[k] == 0) ready.push_back(k);
  }
  std::size_t taken = 0;
  for (; !ready.empty(); ++taken) {
    const std::size_t node = ready.back();
    ready.pop_back();
    for (const std::size_t reader : readers[node]) {
      if (--waits_for[reader] == 0) ready.push_back(reader);
    }
  }
  return taken < nodes.size();
}

std::vector<std::string> check(const OnnxModel& model) {
  std::vector<std::string> problems;
  for (const ValueProblem& problem : find_value_problems(model)) {
    problems.push_back(text_of(problem));
  }
  NameSet names;
  for (const OnnxNode& node : model.graph.nodes) {
    if (node.name.empty()) {
      problems.push_back(fmt::format("a node of type {} has no name", node.op));
    } else if (!names.insert(node.name).second) {
      problems.push_back(fmt::format("two nodes are called {}", node.name));
    }
  }
  const NameSet needed = needed_values(model.graph);
  for (const OnnxNode& node : model.graph.nodes) {
    if (!is_needed(node, needed)) {
      problems.push_back(fmt::format("nothing uses node {}", node.name));
    }
  }
  return problems;
}

}  // namespace tv2onnx
