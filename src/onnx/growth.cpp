#include "onnx/growth.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

namespace tv2onnx {
namespace {

constexpr double kMostElements = 1 << 28;  // 1 GiB of float32; real graphs join some hundred

/// Elements of the values that are made of constants.
using Counts = std::unordered_map<std::string_view, double>;

double count_of(const OnnxTensor& tensor) {
  return static_cast<double>(tensor.element_count().value_or(0));
}

/// Elements of what the node makes; 0 if it is not made of constants.
double elements_of(const OnnxNode& node, const Counts& counts) {
  static constexpr std::array<std::string_view, 11> kKeep{
      "Identity", "Cast", "Squeeze", "Unsqueeze", "Reshape", "Add",
      "Sub",      "Mul",  "Div",     "Min",       "Max"};
  if (node.op == "Constant") {
    const OnnxAttribute* value = node.find("value");
    return value != nullptr && value->tensor ? count_of(*value->tensor) : 0;
  }
  const bool joins = node.op == "Concat";
  if (!joins && std::ranges::count(kKeep, node.op) == 0) return 0;
  double count = 0;
  for (const std::string& input : node.inputs) {
    const auto known = counts.find(input);
    if (known == counts.end()) return 0;
    count = joins ? count + known->second : std::max(count, known->second);
  }
  return count;
}

std::optional<Growth> find_in(const OnnxGraph& graph, Counts& counts) {
  for (const OnnxTensor& tensor : graph.initializers) counts[tensor.name] = count_of(tensor);
  for (const OnnxNode& node : graph.nodes) {
    const double count = elements_of(node, counts);
    if (count > kMostElements && node.op == "Concat") return Growth{&node, count};
    if (count > 0) counts[node.output(0)] = count;
    for (const OnnxAttribute& attribute : node.attributes) {
      for (const auto& nested : attribute.graphs) {
        if (const auto found = find_in(*nested, counts)) return found;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Growth> find_growth(const OnnxModel& model) {
  Counts counts;
  return find_in(model.graph, counts);
}

}  // namespace tv2onnx
