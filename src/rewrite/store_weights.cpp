// weight            becomes  Cast(weight as float16)
// weight            becomes  Mul(Cast(weight as int8), scale)
//
// The nodes come first in the graph and make a value with the weight's name, so that no reader
// changes. A runtime folds them while it loads the file. DequantizeLinear would say the second
// line in one node, but ONNX Runtime keeps that one at run time.

#include "rewrite/store_weights.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>

#include "onnx/schema.h"
#include "rewrite/edit.h"
#include "rewrite/quantise_numbers.h"
#include "rewrite/view.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kFewest = 256;     // elements of a weight that is worth a node
constexpr float kLargestHalf = 65504.0F;  // of float16

/// Behind what only changes the order of a weight.
std::string_view stored_value(const View& view, std::string_view value) {
  for (const OnnxNode* node = view.producer(value);
       node != nullptr &&
       (node->op == "Reshape" || node->op == "Transpose" || node->op == "Identity");
       node = view.producer(value)) {
    view.step();
    value = node->input(0);
  }
  return value;
}

/// The axis of output channels of what the node reads as its weight; nothing: it reads none.
std::optional<std::size_t> channel_axis(const OnnxNode& node, std::size_t rank) {
  if (!node.domain.empty()) return std::nullopt;
  if (node.op == "Conv") return 0;
  if (node.op == "ConvTranspose") return 1;
  if (node.op == "Gemm") return node.integer("transB", 0) != 0 ? 0 : 1;
  if (node.op == "MatMul") return rank - 1;
  return std::nullopt;
}

OnnxNode cast_to_float(std::string from, std::string to) {
  OnnxNode cast = node_of("Cast", {std::move(from)}, std::move(to));
  set_attribute(cast, integer_attribute("to", schema::data_type(DType::kFloat32)));
  return cast;
}

bool fits_half(const Tensor& weight) {
  const std::vector<float> values = to_float(weight);
  return std::ranges::all_of(values, [](float value) { return std::abs(value) <= kLargestHalf; });
}

void store_half(View& view, OnnxTensor& weight) {
  OnnxGraph& graph = view.model().graph;
  const std::string value = weight.name;
  const std::string stored = view.fresh_name(value + "/float16");
  const Tensor full = *weight.tensor();
  weight = stored_tensor(stored, make_half_tensor(full.shape, to_float(full)));
  graph.nodes.push_front(cast_to_float(stored, value));
}

void store_int8(View& view, OnnxTensor& weight, std::size_t axis) {
  OnnxGraph& graph = view.model().graph;
  const std::string value = weight.name;
  const std::string stored = view.fresh_name(value + "/int8");
  const std::string number = view.fresh_name(value + "/Cast");
  Int8Weight numbers = quantise_weight(*weight.tensor(), axis, 127);
  Shape shape(weight.dims.size(), 1);
  shape[axis] = weight.dims[axis];
  weight = stored_tensor(stored, numbers.numbers);
  const std::string scale =
      view.add_constant(value + "/scale", make_tensor(shape, std::move(numbers.scales)));
  graph.nodes.push_front(node_of("Mul", {number, scale}, value));
  graph.nodes.push_front(cast_to_float(stored, number));
}

/// The weights with their axis of output channels, in the order of their first readers.
std::vector<std::pair<OnnxTensor*, std::size_t>> weights_of(View& view) {
  std::map<std::string_view, OnnxTensor*> outer;
  for (OnnxTensor& tensor : view.model().graph.initializers) outer.emplace(tensor.name, &tensor);
  std::vector<std::pair<OnnxTensor*, std::size_t>> weights;
  for (const OnnxNode* node : view.nodes()) {
    const std::string_view value = stored_value(view, node->input(1));
    OnnxTensor* weight = view.float_weight(value);
    const auto found = outer.find(value);
    if (weight == nullptr || found == outer.end() || found->second != weight) continue;
    if (weight->dims.size() < 2 || view.is_input(value) || view.is_output(value)) continue;
    const std::optional<std::size_t> axis = channel_axis(*node, weight->dims.size());
    if (!axis || element_count(weight->dims) < kFewest) continue;
    outer.erase(found);
    weights.emplace_back(weight, *axis);
  }
  return weights;
}

}  // namespace

StoredWeights store_weights(OnnxModel& model, WeightForm form) {
  StoredWeights report;
  View view(model);
  for (const auto& [weight, axis] : weights_of(view)) {
    if (form == WeightForm::kInt8) {
      store_int8(view, *weight, axis);
    } else if (fits_half(*weight->tensor())) {
      store_half(view, *weight);
    } else {
      ++report.kept;
      continue;
    }
    ++report.changed;
  }
  return report;
}

}  // namespace tv2onnx
