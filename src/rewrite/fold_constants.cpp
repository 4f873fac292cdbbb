// A node whose inputs are all constants becomes a constant.
//
// Only what describes shapes and indices is worth it (graph/integers.h). Weights are never copied.

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/integers.h"
#include "rewrite/edit.h"
#include "rewrite/fold.h"
#include "rewrite/view.h"

namespace tv2onnx {
namespace {

using Ints = std::vector<std::int64_t>;

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
    const std::optional<Tensor> value = evaluate_integers(node->op, inputs);
    if (!value) continue;
    view.replace_readers(node->output(0), constants.name_of(*value));
    ++report.rewrites;
  }
  remove_dead(model);
  return report;
}

}  // namespace tv2onnx
