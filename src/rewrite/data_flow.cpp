#include "rewrite/data_flow.h"

#include <algorithm>
#include <array>

namespace tv2onnx {
namespace {

bool finds(const OnnxNode& node) {
  return node.op == "NonZero" || node.op == "NonMaxSuppression" || node.op == "Compress" ||
         node.op == "Unique";
}

/// The value whose length the node's result has; "" if it has a length of its own.
std::string_view length_from(const View& view, const OnnxNode& node) {
  static constexpr std::array<std::string_view, 12> kKeep{
      "Slice", "Squeeze", "Unsqueeze", "Cast", "Identity", "Transpose",
      "Split", "Mul",     "Add",       "Sub",  "Clip",     "Div"};
  const auto input = [&](std::size_t k) {
    return k < node.inputs.size() ? std::string_view(node.input(k)) : std::string_view();
  };
  if (node.op == "Gather") return input(node.integer("axis", 0) == 0 ? 1 : 0);
  if (node.op == "GatherND") return input(1);
  if (node.op == "Concat") return node.integer("axis", 0) != 0 ? input(0) : "";
  if (std::ranges::count(kKeep, node.op) > 0) return input(0);
  if (node.op != "If") return "";
  for (const OnnxAttribute& attribute : node.attributes) {
    for (const auto& branch : attribute.graphs) {
      if (branch->outputs.empty()) continue;
      const std::string& output = branch->outputs[0].name;
      if (view.producer(output, "Constant") == nullptr) return output;
    }
  }
  return "";
}

}  // namespace

std::set<std::string_view> data_dependent(const View& view) {
  std::set<std::string_view> values;
  for (const OnnxNode* node : view.nodes()) {
    const bool tainted = std::ranges::any_of(
        node->inputs, [&](const std::string& input) { return values.contains(input); });
    if (!finds(*node) && !tainted) continue;
    values.insert(node->outputs.begin(), node->outputs.end());
  }
  return values;
}

const OnnxNode* finder_of(const View& view, std::string_view value) {
  constexpr int kLongest = 64;
  bool transposed = false;  // NonZero has what it found in columns
  for (int step = 0; step < kLongest; ++step) {
    const OnnxNode* node = view.producer(value);
    if (node == nullptr || node->inputs.empty()) return nullptr;
    if (finds(*node)) return (node->op == "NonZero") == transposed ? node : nullptr;
    if (node->op == "Transpose") transposed = !transposed;
    value = length_from(view, *node);
  }
  return nullptr;
}

bool is_list_of_found(const View& view, std::string_view value) {
  return finder_of(view, value) != nullptr;
}

}  // namespace tv2onnx
