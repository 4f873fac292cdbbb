// A node whose inputs are all constants becomes a constant.
//
// Only what describes shapes and indices is worth it: int64 tensors of rank 0 or 1, under Add,
// Sub, Mul, Div, Concat, Gather, Squeeze and Unsqueeze. Weights are never copied.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rewrite/edit.h"
#include "rewrite/fold.h"
#include "rewrite/view.h"

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

std::optional<Tensor> evaluate(const OnnxNode& node, const std::vector<Tensor>& inputs) {
  const Tensor& first = inputs[0];
  if (node.op == "Concat") {
    Ints joined;
    for (const Tensor& input : inputs) std::ranges::copy(to_int64(input), back_inserter(joined));
    const auto count = static_cast<std::int64_t>(joined.size());
    return make_tensor({count}, std::move(joined));
  }
  if (node.op == "Gather" && inputs.size() == 2) return gather(first, inputs[1]);
  // Between a scalar and one element; anything else would have a rank above 1.
  if (node.op == "Squeeze" && first.shape == Shape{1}) return make_tensor({}, to_int64(first));
  if (node.op == "Unsqueeze" && first.shape.empty()) return make_tensor({1}, to_int64(first));
  return inputs.size() == 2 ? elementwise(node.op, first, inputs[1]) : std::nullopt;
}

/// The inputs if all are int64 constants of rank 0 or 1, else nothing.
std::vector<Tensor> constant_inputs(const View& view, const OnnxNode& node) {
  std::vector<Tensor> inputs;
  for (const std::string& name : node.inputs) {
    const OnnxTensor* stored = view.initializer(name);
    const std::optional<Tensor> tensor = stored != nullptr ? stored->tensor() : std::nullopt;
    if (!tensor || tensor->dtype != DType::kInt64 || tensor->shape.size() > 1) return {};
    inputs.push_back(*tensor);
  }
  return inputs;
}

/// The unnamed constants of a model, each value once.
class Constants {
 public:
  explicit Constants(View& view) : view_(view) {
    for (const OnnxTensor& tensor : view.model().graph.initializers) {
      if (!tensor.name.starts_with("const/")) continue;
      ++count_;
      if (const auto known = tensor.tensor(); known && known->dtype == DType::kInt64) {
        names_.emplace(Key{known->shape, to_int64(*known)}, tensor.name);
      }
    }
  }

  const std::string& name_of(const Tensor& value) {
    const auto [place, is_new] = names_.try_emplace(Key{value.shape, to_int64(value)});
    if (is_new) place->second = view_.add_constant(fmt::format("const/int64{}", count_++), value);
    return place->second;
  }

 private:
  using Key = std::pair<Shape, Ints>;
  View& view_;
  std::size_t count_ = 0;
  std::map<Key, std::string> names_;
};

}  // namespace

FoldReport fold_constants(OnnxModel& model) {
  FoldReport report;
  View view(model);
  Constants constants(view);
  for (const OnnxNode* node : view.nodes()) {
    // Outputs stay the results of nodes.
    const bool may_go =
        node->domain.empty() && node->outputs.size() == 1 && !view.is_output(node->output(0));
    const std::vector<Tensor> inputs =
        may_go ? constant_inputs(view, *node) : std::vector<Tensor>();
    if (inputs.empty()) continue;
    const std::optional<Tensor> value = evaluate(*node, inputs);
    if (!value) continue;
    view.replace_readers(node->output(0), constants.name_of(*value));
    ++report.rewrites;
  }
  remove_dead(model);
  return report;
}

}  // namespace tv2onnx
