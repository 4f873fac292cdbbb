#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "tv2onnx/graph.h"

namespace tv2onnx {

std::vector<std::string> check(const Graph& graph) {
  std::vector<std::string> problems;
  std::unordered_set<std::uint32_t> known(graph.inputs().begin(), graph.inputs().end());
  known.insert(graph.initializers().begin(), graph.initializers().end());
  std::unordered_set<std::string> names;
  for (const std::uint32_t id : known) names.insert(graph.info(id).name);
  if (names.size() != known.size()) problems.push_back("two inputs or initialisers share a name");

  std::unordered_set<std::string> node_names;
  std::unordered_set<std::uint32_t> used(graph.outputs().begin(), graph.outputs().end());
  for (const Node& node : graph.nodes()) {
    if (!node_names.insert(node.name).second) {
      problems.push_back(fmt::format("two nodes are called {}", node.name));
    }
    for (const std::uint32_t id : node.inputs) {
      used.insert(id);
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
  for (const std::uint32_t id : graph.outputs()) {
    if (!known.contains(id)) {
      problems.push_back(fmt::format("nothing produces the output '{}'", graph.info(id).name));
    }
  }
  for (const Node& node : graph.nodes()) {
    if (std::ranges::none_of(node.outputs, [&](std::uint32_t id) { return used.contains(id); })) {
      problems.push_back(fmt::format("nothing uses node {}", node.name));
    }
  }
  return problems;
}

}  // namespace tv2onnx
