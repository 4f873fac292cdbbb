// D15, growth: constants that are put together to something huge.
//
// Forty nodes that each join a constant with itself make 2^40 elements of one. Runtimes compute
// that when they load the file, before there is an image, for as long as there is memory.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {
namespace {

constexpr double kMostElements = 1 << 28;  // 1 GiB of float32; real graphs join some hundred

using Counts = std::unordered_map<std::string_view, double>;

/// Elements of what the node makes, if it is made of constants; 0 if it is not.
double elements_of(const OnnxNode& node, const Counts& counts) {
  static constexpr std::array<std::string_view, 11> kKeep{
      "Identity", "Cast", "Squeeze", "Unsqueeze", "Reshape", "Add",
      "Sub",      "Mul",  "Div",     "Min",       "Max"};
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

std::vector<Finding> examine(const RuleContext& context) {
  Finding finding{.code = "D15",
                  .damage = Damage::kCrash,
                  .what = "constants are put together to something huge",
                  .evidence = {},
                  .symptom = "loading takes all memory, or for ever",
                  .since = "no exporter",
                  .remedy = "do not run the file; export it again, or fetch it from its source",
                  .repairable = false};
  Counts counts;
  for (const OnnxTensor& tensor : context.view.model().graph.initializers) {
    counts[tensor.name] = static_cast<double>(tensor.element_count().value_or(0));
  }
  for (const OnnxNode* node : context.view.nodes()) {
    if (node->op == "Constant") {
      const OnnxAttribute* value = node->find("value");
      const bool known = value != nullptr && value->tensor;
      if (known)
        counts[node->output(0)] = static_cast<double>(value->tensor->element_count().value_or(0));
      continue;
    }
    const double count = elements_of(*node, counts);
    if (count == 0) continue;
    counts[node->output(0)] = count;
    if (count <= kMostElements || !finding.evidence.empty()) continue;
    finding.evidence.push_back(fmt::format("{}: {:.2g} elements", node->label(), count));
  }
  if (finding.evidence.empty()) return {};
  return {finding};
}

}  // namespace

Rule growing_constants() {
  return {"D15", examine, nullptr};
}

}  // namespace tv2onnx::doctor
