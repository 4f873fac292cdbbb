#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <unordered_set>

#include "tv2onnx/graph.h"

namespace tv2onnx {
namespace {

using Ids = std::unordered_set<std::uint32_t>;
using Problems = std::vector<std::string>;

/// Values in order of production: each is made once, before it is read, under a name of its own.
void check_values(const Graph& graph, Problems& problems) {
  Ids known(graph.inputs().begin(), graph.inputs().end());
  known.insert(graph.initializers().begin(), graph.initializers().end());
  std::unordered_set<std::string> names;
  for (const std::uint32_t id : known) names.insert(graph.info(id).name);
  if (names.size() != known.size())
    problems.emplace_back("two inputs or initialisers share a name");
  for (const Node& node : graph.nodes()) {
    for (const std::uint32_t id : node.inputs) {
      if (id != kAbsent && !known.contains(id)) {
        problems.push_back(fmt::format("node {} reads '{}' before it is produced", node.name,
                                       graph.info(id).name));
      }
    }
    for (const std::uint32_t id : node.outputs) {
      if (!known.insert(id).second || !names.insert(graph.info(id).name).second) {
        problems.push_back(
            fmt::format("node {} produces '{}' again", node.name, graph.info(id).name));
      }
    }
  }
  Ids declared;
  for (const std::uint32_t id : graph.outputs()) {
    const std::string& name = graph.info(id).name;
    if (!known.contains(id))
      problems.push_back(fmt::format("nothing produces the output '{}'", name));
    if (!declared.insert(id).second) {
      problems.push_back(fmt::format("the output '{}' is declared twice", name));
    }
  }
}

void check_node_names(const Graph& graph, Problems& problems) {
  std::unordered_set<std::string> names;
  for (const Node& node : graph.nodes()) {
    if (node.name.empty()) {
      problems.push_back(fmt::format("a node of type {} has no name", node.op));
    } else if (!names.insert(node.name).second) {
      problems.push_back(fmt::format("two nodes are called {}", node.name));
    }
  }
}

/// Every node leads to an output.
void check_uses(const Graph& graph, Problems& problems) {
  Ids used(graph.outputs().begin(), graph.outputs().end());
  Problems unused;
  for (const Node& node : graph.nodes() | std::views::reverse) {
    if (std::ranges::any_of(node.outputs, [&](std::uint32_t id) { return used.contains(id); })) {
      used.insert(node.inputs.begin(), node.inputs.end());
    } else {
      unused.push_back(fmt::format("nothing uses node {}", node.name));
    }
  }
  problems.insert(problems.end(), unused.rbegin(), unused.rend());
}

}  // namespace

std::vector<std::string> check(const Graph& graph) {
  Problems problems;
  check_values(graph, problems);
  check_node_names(graph, problems);
  check_uses(graph, problems);
  return problems;
}

}  // namespace tv2onnx
