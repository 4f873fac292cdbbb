// A node whose inputs are all constants becomes a constant.
//
// Only what describes shapes and indices is worth it: int64 tensors of rank 0 or 1, under Add,
// Sub, Mul, Div, Concat, Gather, Squeeze and Unsqueeze. Weights are never copied.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "passes/passes.h"

namespace tv2onnx {
namespace {

using Ints = std::vector<std::int64_t>;

std::optional<std::int64_t> arithmetic(const std::string& op, std::int64_t a, std::int64_t b) {
  if (op == "Add") return a + b;
  if (op == "Sub") return a - b;
  if (op == "Mul") return a * b;
  if (op == "Div" && b != 0) return a / b;
  return std::nullopt;
}

/// Elementwise with broadcasting of a single element.
std::optional<Tensor> elementwise(const std::string& op, const Tensor& left, const Tensor& right) {
  const Ints a = to_int64(left);
  const Ints b = to_int64(right);
  if (a.size() != b.size() && a.size() != 1 && b.size() != 1) return std::nullopt;
  Ints result;
  for (std::size_t k = 0; k < std::max(a.size(), b.size()); ++k) {
    const auto value = arithmetic(op, a[a.size() == 1 ? 0 : k], b[b.size() == 1 ? 0 : k]);
    if (!value) return std::nullopt;
    result.push_back(*value);
  }
  const bool first = a.size() > b.size() || left.shape.size() >= right.shape.size();
  return make_tensor(first ? left.shape : right.shape, std::move(result));
}

std::optional<Tensor> evaluate(const Node& node, const std::vector<const Tensor*>& inputs) {
  if (node.op == "Concat") {
    Ints joined;
    for (const Tensor* input : inputs) std::ranges::copy(to_int64(*input), back_inserter(joined));
    const auto count = static_cast<std::int64_t>(joined.size());
    return make_tensor({count}, std::move(joined));
  }
  if (node.op == "Gather") {
    const Ints data = to_int64(*inputs[0]);
    Ints picked;
    for (const std::int64_t index : to_int64(*inputs[1])) {
      if (index < 0 || index >= static_cast<std::int64_t>(data.size())) return std::nullopt;
      picked.push_back(data[static_cast<std::size_t>(index)]);
    }
    return make_tensor(inputs[1]->shape, std::move(picked));
  }
  if (node.op == "Squeeze" || node.op == "Unsqueeze") {
    if (inputs[0]->size() != 1) return std::nullopt;
    return make_tensor(node.op == "Squeeze" ? Shape{} : Shape{1}, to_int64(*inputs[0]));
  }
  return inputs.size() == 2 ? elementwise(node.op, *inputs[0], *inputs[1]) : std::nullopt;
}

/// The inputs if all are int64 constants of rank 0 or 1, else nothing.
std::vector<const Tensor*> constant_inputs(const Graph& graph, const Node& node) {
  std::vector<const Tensor*> inputs;
  for (const std::uint32_t id : node.inputs) {
    const Tensor* tensor = id == kAbsent ? nullptr : graph.initializer(id);
    if (tensor == nullptr || tensor->dtype != DType::kInt64 || tensor->shape.size() > 1) return {};
    inputs.push_back(tensor);
  }
  return inputs;
}

}  // namespace

PassReport fold_constants(Graph& graph) {
  PassReport report;
  for (const Node& node : graph.nodes()) {
    const std::vector<const Tensor*> inputs = constant_inputs(graph, node);
    if (inputs.empty() || node.outputs.size() != 1) continue;
    std::optional<Tensor> value = evaluate(node, inputs);
    if (!value) continue;
    const std::uint32_t constant = graph.add_constant(*std::move(value)).id;
    graph.replace_uses(node.outputs[0], constant);
    ++report.rewrites;
  }
  graph.remove_dead();
  return report;
}

}  // namespace tv2onnx
