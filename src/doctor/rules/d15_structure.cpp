// D15, structure: a graph that no runtime accepts.
//
// Every value is made once, before it is read: in a cycle no order does that.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_set>

#include "base/text.h"
#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {
namespace {

using NameSet = std::unordered_set<std::string_view>;

/// Goes through the graphs in the order of the file.
class Reading {
 public:
  explicit Reading(const View& view) : view_(view) { read(view.model().graph, {}); }

  std::vector<std::string> twice;    ///< made or defined more than once
  std::vector<std::string> unknown;  ///< read and made nowhere
  std::vector<std::string> later;    ///< read before it is made

 private:
  void define(NameSet& known, NameSet& made, const std::string& name) {
    if (name.empty()) return;
    if (!made.insert(name).second) twice.push_back(printable(name));
    known.insert(name);
  }

  void check(const NameSet& known, const OnnxNode& node) {
    for (const std::string& input : node.inputs) {
      if (input.empty() || known.contains(input)) continue;
      auto& list = view_.producer(input) != nullptr ? later : unknown;
      list.push_back(fmt::format("'{}', read by {}", printable(input), node.label()));
    }
  }

  void read(const OnnxGraph& graph, NameSet known) {
    NameSet made;
    for (const OnnxTensor& tensor : graph.initializers) define(known, made, tensor.name);
    // Before IR version 4 initialisers were inputs too.
    for (const OnnxValueInfo& input : graph.inputs) known.insert(input.name);
    for (const OnnxNode& node : graph.nodes) {
      check(known, node);
      for (const OnnxAttribute& attribute : node.attributes) {
        for (const auto& nested : attribute.graphs) read(*nested, known);
      }
      for (const std::string& output : node.outputs) define(known, made, output);
    }
    for (const OnnxValueInfo& output : graph.outputs) {
      if (!known.contains(output.name)) {
        unknown.push_back(fmt::format("'{}', an output", printable(output.name)));
      }
    }
  }

  const View& view_;
};

/// Whether some value depends on itself: nodes can be taken away one by one, each when all that it
/// reads is there, until only cycles are left.
bool has_cycle(const View& view) {
  std::set<const OnnxNode*> left(view.nodes().begin(), view.nodes().end());
  for (bool removed = true; removed;) {
    removed = std::erase_if(left, [&](const OnnxNode* node) {
                return std::ranges::none_of(node->inputs, [&](const std::string& input) {
                  return left.contains(view.producer(input));
                });
              }) > 0;
  }
  return !left.empty();
}

std::vector<Finding> examine(const RuleContext& context) {
  const Reading reading(context.view);
  std::vector<Finding> findings;
  const auto add = [&](const std::vector<std::string>& evidence, const char* what,
                       const char* remedy) {
    if (evidence.empty()) return;
    findings.push_back({.code = "D15",
                        .damage = Damage::kCrash,
                        .what = what,
                        .evidence = evidence,
                        .symptom = "the model does not load",
                        .since = "",
                        .remedy = remedy,
                        .repairable = false});
  };
  add(reading.twice, "values are made more than once", "export again; a tool merged graphs badly");
  add(reading.unknown, "values are read that nothing makes",
      "export again; the file was cut out of a larger one");
  if (!reading.later.empty() && has_cycle(context.view)) {
    add(reading.later, "the graph has a cycle", "export again; an edit closed a circle");
  } else {
    add(reading.later, "nodes are not in the order in which they can run",
        "sort them with the tool that changed the file, or export again");
  }
  return findings;
}

}  // namespace

Rule bad_structure() {
  return {"D15", examine, nullptr};
}

}  // namespace tv2onnx::doctor
