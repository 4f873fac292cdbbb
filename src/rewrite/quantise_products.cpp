// y = x W + b   becomes
// q, s, z = DynamicQuantizeLinear(x);  y = float(MatMulInteger(q, W8, z)) (s S) + b
//
// with one S for each column of W, and without b where there is none. Runtimes do this in one
// kernel.

#include "rewrite/quantise_products.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "onnx/schema.h"
#include "rewrite/edit.h"
#include "rewrite/quantise_numbers.h"

namespace tv2onnx {
namespace {

/// [columns, rows] of a float tensor of [rows, columns].
Tensor transposed(const Tensor& tensor) {
  const std::vector<float> values = to_float(tensor);
  const auto rows = static_cast<std::size_t>(tensor.shape[0]);
  const auto columns = static_cast<std::size_t>(tensor.shape[1]);
  std::vector<float> turned(values.size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    turned[k % columns * rows + k / columns] = values[k];
  }
  return make_tensor({tensor.shape[1], tensor.shape[0]}, std::move(turned));
}

void change(View& view, OnnxNode& gemm, const Tensor& given, int most) {
  const bool turned = gemm.integer("transB", 0) != 0;
  Int8Weight weight = quantise_weight(turned ? transposed(given) : given, 1, most);
  const auto columns = static_cast<std::int64_t>(weight.scales.size());
  const std::string base = gemm.name;
  const auto fresh = [&](const char* op) { return view.fresh_name(base + "/" + op); };
  const std::string numbers = view.add_constant(base + "/int8", weight.numbers);
  const std::string scales =
      view.add_constant(base + "/scale", make_tensor({columns}, std::move(weight.scales)));
  const std::string x = fresh("DynamicQuantizeLinear");
  const std::string x_scale = fresh("input_scale");
  const std::string x_zero = fresh("input_zero");
  const std::string sums = fresh("MatMulInteger");
  const std::string cast = fresh("Cast");
  const std::string factor = fresh("factor");
  const std::string product = fresh("Mul");
  std::list<OnnxNode> nodes;
  const auto add = [&](const char* op, std::vector<std::string> inputs, const std::string& output) {
    nodes.push_back(node_of(op, std::move(inputs), output));
  };
  add("DynamicQuantizeLinear", {gemm.input(0)}, x);
  nodes.back().outputs = {x, x_scale, x_zero};
  add("MatMulInteger", {x, numbers, x_zero}, sums);
  add("Cast", {sums}, cast);
  set_attribute(nodes.back(), integer_attribute("to", schema::data_type(DType::kFloat32)));
  add("Mul", {x_scale, scales}, factor);
  const bool bias = gemm.inputs.size() > 2;
  if (bias) add("Mul", {cast, factor}, product);
  OnnxGraph& graph = view.model().graph;
  graph.nodes.splice(view.place_of(gemm), nodes);
  gemm.inputs = bias ? std::vector{product, gemm.input(2)} : std::vector{cast, factor};
  gemm.op = bias ? "Add" : "Mul";
  gemm.attributes.clear();
  gemm.source = {};
}

}  // namespace

bool is_of_weight(const View& view, std::string value) {
  constexpr auto kRearrange = std::to_array<std::string_view>(
      {"Transpose", "Reshape", "Identity", "Slice", "Squeeze", "Unsqueeze", "Gather"});
  while (view.float_weight(value) == nullptr) {
    view.step();
    const OnnxNode* node = view.producer(value);
    if (node == nullptr || std::ranges::find(kRearrange, node->op) == kRearrange.end())
      return false;
    for (std::size_t k = 1; k < node->inputs.size(); ++k) {
      if (!node->input(k).empty() && !view.constant(node->input(k))) return false;
    }
    value = node->input(0);
  }
  return true;
}

bool is_layer(const View& view, const OnnxNode& node) {
  if (!node.domain.empty() || !is_of_weight(view, node.input(1))) return false;
  if (node.op == "MatMul") return true;
  const OnnxAttribute* alpha = node.find("alpha");
  const OnnxAttribute* beta = node.find("beta");
  return node.op == "Gemm" && node.inputs.size() == 3 && node.integer("transA", 0) == 0 &&
         (alpha == nullptr || alpha->f == 1) && (beta == nullptr || beta->f == 1) &&
         view.float_weight(node.input(2)) != nullptr;
}

void quantise_products(OnnxModel& model, const std::map<std::string, Tensor>& weights, int most) {
  View view(model);
  for (OnnxNode* node : view.nodes()) {
    const auto found = weights.find(node->name);
    if (found != weights.end()) change(view, *node, found->second, most);
  }
  remove_dead(model);
}

}  // namespace tv2onnx
