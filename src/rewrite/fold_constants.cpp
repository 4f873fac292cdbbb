// A node whose inputs are all constants becomes a constant.
//
// Only what describes shapes and indices is worth it: int64 tensors of rank 0 or 1, under Add,
// Sub, Mul, Div, Concat, Gather, Squeeze and Unsqueeze. Weights are never copied.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "rewrite/fold.h"

namespace tv2onnx {
namespace {

using Ints = std::vector<std::int64_t>;

/// Nothing if the result is undefined: the runtime may say so.
std::optional<std::int64_t> arithmetic(const std::string& op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (op == "Add" && !__builtin_add_overflow(a, b, &result)) return result;
  if (op == "Sub" && !__builtin_sub_overflow(a, b, &result)) return result;
  if (op == "Mul" && !__builtin_mul_overflow(a, b, &result)) return result;
  const bool divisible = b != 0 && !(a == std::numeric_limits<std::int64_t>::min() && b == -1);
  if (op == "Div" && divisible) return a / b;
  return std::nullopt;
}

/// Elementwise with broadcasting of a single element.
std::optional<Tensor> elementwise(const std::string& op, const Tensor& left, const Tensor& right) {
  const Ints a = to_int64(left);
  const Ints b = to_int64(right);
  if (a.size() != b.size() && a.size() != 1 && b.size() != 1) return std::nullopt;
  Ints result;
  for (std::size_t k = 0; k < (a.size() == 1 ? b : a).size(); ++k) {
    const auto value = arithmetic(op, a[a.size() == 1 ? 0 : k], b[b.size() == 1 ? 0 : k]);
    if (!value) return std::nullopt;
    result.push_back(*value);
  }
  if (left.shape.empty() && right.shape.empty()) return make_tensor({}, std::move(result));
  const auto count = static_cast<std::int64_t>(result.size());
  return make_tensor({count}, std::move(result));
}

std::optional<Tensor> gather(const Tensor& data, const Tensor& indices) {
  const Ints values = to_int64(data);
  const auto count = static_cast<std::int64_t>(values.size());
  Ints picked;
  for (std::int64_t index : to_int64(indices)) {
    if (index < 0) index += count;
    if (index < 0 || index >= count) return std::nullopt;
    picked.push_back(values[static_cast<std::size_t>(index)]);
  }
  return make_tensor(indices.shape, std::move(picked));
}

std::optional<Tensor> evaluate(const Node& node, const std::vector<const Tensor*>& inputs) {
  const Tensor& first = *inputs[0];
  if (node.op == "Concat") {
    Ints joined;
    for (const Tensor* input : inputs) std::ranges::copy(to_int64(*input), back_inserter(joined));
    const auto count = static_cast<std::int64_t>(joined.size());
    return make_tensor({count}, std::move(joined));
  }
  if (node.op == "Gather") return gather(first, *inputs[1]);
  // Between a scalar and one element; anything else would have a rank above 1.
  if (node.op == "Squeeze" && first.shape == Shape{1}) return make_tensor({}, to_int64(first));
  if (node.op == "Unsqueeze" && first.shape.empty()) return make_tensor({1}, to_int64(first));
  return inputs.size() == 2 ? elementwise(node.op, first, *inputs[1]) : std::nullopt;
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

/// Outputs stay the results of nodes.
bool is_output(const Graph& graph, std::uint32_t id) {
  return std::ranges::find(graph.outputs(), id) != graph.outputs().end();
}

}  // namespace

PassReport fold_constants(Graph& graph) {
  PassReport report;
  for (const Node& node : graph.nodes()) {
    const std::vector<const Tensor*> inputs = constant_inputs(graph, node);
    if (inputs.empty() || node.outputs.size() != 1 || is_output(graph, node.outputs[0])) continue;
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
