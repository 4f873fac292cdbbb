#include "doctor/rebuild/flow.h"

#include <algorithm>
#include <unordered_set>

namespace tv2onnx::doctor {
namespace {

constexpr int kMaxDepth = 32;  // of chains; also against cycles in damaged files
constexpr std::size_t kMostVisited = 64;
constexpr int kMostFlowValues = 512;  // of an expression

bool contains(Operators operators, std::string_view op) {
  return std::ranges::find(operators, op) != operators.end();
}

/// `left`: how many values may yet be looked at.
void collect_bounds(const View& view, const std::string& value, int& left,
                    std::vector<std::int64_t>& bounds) {
  if (--left < 0) return;
  if (const auto known = view.integers(value)) {
    bounds.insert(bounds.end(), known->begin(), known->end());
    return;
  }
  const OnnxNode* node = view.producer(value);
  if (node == nullptr) return;
  const bool joins = node->op == "Concat" || node->op == "Min";
  if (!joins && node->op != "ReduceMin" && !contains(kShapeChanges, node->op)) return;
  const std::size_t count =
      joins ? node->inputs.size() : std::min<std::size_t>(1, node->inputs.size());
  for (std::size_t k = 0; k < count; ++k) collect_bounds(view, node->input(k), left, bounds);
}

}  // namespace

std::vector<OnnxNode*> readers_behind(const View& view, const std::string& value,
                                      Operators through) {
  std::vector<OnnxNode*> found;
  std::unordered_set<const OnnxNode*> known;
  std::vector<std::string> open{value};
  std::unordered_set<std::string> seen{value};
  const auto visit = [&](const std::string& name) {
    if (seen.insert(name).second) open.push_back(name);
  };
  std::size_t next = 0;
  while (next < open.size()) {
    const std::string reached = open[next++];
    for (const std::string& outer : view.returned_as(reached)) visit(outer);
    for (const View::Use& use : view.uses(reached)) {
      if (contains(through, use.node->op)) {
        for (const std::string& output : use.node->outputs) visit(output);
      } else if (known.insert(use.node).second) {
        found.push_back(use.node);
      }
    }
  }
  return found;
}

OnnxNode* producer_behind(const View& view, std::string value, Operators through) {
  OnnxNode* node = view.producer(value);
  for (int k = 0; k < kMaxDepth && node != nullptr; ++k) {
    if (!contains(through, node->op) || node->inputs.empty()) return node;
    value = node->input(0);
    node = view.producer(value);
  }
  return node;
}

std::vector<std::int64_t> integer_bounds(const View& view, const std::string& value) {
  std::vector<std::int64_t> bounds;
  int left = kMostFlowValues;
  collect_bounds(view, value, left, bounds);
  return bounds;
}

std::optional<std::size_t> place_in_concat(const View& view, const std::string& value,
                                           std::size_t count) {
  std::vector<std::string> open{value};
  std::unordered_set<std::string> seen{value};
  for (std::size_t k = 0; k < open.size() && k < kMostVisited; ++k) {
    for (const View::Use& use : view.uses(open[k])) {
      const bool joins = use.node->op == "Concat";
      if (joins && use.node->inputs.size() == count) return use.input;
      if (!joins && !contains(kShapeChanges, use.node->op)) continue;
      if (seen.insert(use.node->output(0)).second) open.push_back(use.node->output(0));
    }
  }
  return std::nullopt;
}

bool well_formed(const View& view) {
  static constexpr auto kUnary = std::to_array<std::string_view>({"Ceil", "Expand", "RoiAlign"});
  static constexpr auto kBinary = std::to_array<std::string_view>(
      {"Add", "Sub", "Mul", "Div", "Greater", "GreaterOrEqual", "Less", "Reshape"});
  std::unordered_set<const OnnxNode*> before;
  for (const OnnxNode* node : view.nodes()) {
    const std::size_t least = contains(kUnary, node->op) ? 1 : contains(kBinary, node->op) ? 2 : 0;
    if (node->outputs.empty() || node->inputs.size() < least) return false;
    for (const std::string& input : node->inputs) {
      const OnnxNode* producer = view.producer(input);
      const bool here = producer != nullptr && &view.graph_of(*producer) == &view.graph_of(*node);
      if (here && !before.contains(producer)) return false;
    }
    before.insert(node);
  }
  return true;
}

std::size_t position(const View& view, const OnnxNode* node) {
  return static_cast<std::size_t>(std::ranges::find(view.nodes(), node) - view.nodes().begin());
}

}  // namespace tv2onnx::doctor
