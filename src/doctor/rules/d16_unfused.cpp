// D16: LayerNorm or GELU in a form that runtimes do not recognise. Information: the results are
// right.
//
//   written                         recognised
//   d * d                           Pow(d, 2)         in the variance of LayerNorm
//   d * Reciprocal(Sqrt(v + eps))   d / Sqrt(v + eps)
//   Erf(x * 0.70710678)             Erf(x / 1.41421356)
//
// ONNX Runtime (1.23) makes one node of the forms on the right, which torch's exporter writes:
// LayerNorm takes 0.28 ms instead of 0.50, GELU 1.2 instead of 2.3. Opset 17 and 20 have operators
// for both. Repair: the form on the right, of the same numbers but for rounding.

#include <array>
#include <cmath>
#include <numbers>

#include "doctor/rules/rules.h"
#include "onnx/schema.h"

namespace tv2onnx::doctor {
namespace {

/// A node that another operator would make recognisable, and what it would read.
struct Unfused {
  OnnxNode* node;
  const char* op;
  std::string first;
  std::string second;  ///< "": a constant
  double number = 0;
};

bool has_two_inputs(const OnnxNode* node) {
  return node != nullptr && node->inputs.size() == 2;
}

/// What the operator makes of which the node reads, if it reads such a value.
const OnnxNode* operand(const View& view, const OnnxNode* node, std::string_view op) {
  if (!has_two_inputs(node)) return nullptr;
  const OnnxNode* first = view.producer(node->input(0), op);
  return first != nullptr ? first : view.producer(node->input(1), op);
}

/// The square in Sqrt(ReduceMean(d * d) + eps), where d = x - ReduceMean(x); null for others.
OnnxNode* square_below(const View& view, const OnnxNode& root) {
  if (root.inputs.size() != 1) return nullptr;
  const OnnxNode* mean = operand(view, view.producer(root.input(0), "Add"), "ReduceMean");
  if (mean == nullptr || mean->inputs.empty()) return nullptr;
  OnnxNode* square = view.producer(mean->input(0));
  if (!has_two_inputs(square)) return nullptr;
  const OnnxNode* distance = view.producer(square->input(0), "Sub");
  if (!has_two_inputs(distance)) return nullptr;
  const OnnxNode* centre = view.producer(distance->input(1), "ReduceMean");
  const bool centred =
      centre != nullptr && !centre->inputs.empty() && centre->input(0) == distance->input(0);
  const bool squared =
      square->op == "Pow" || (square->op == "Mul" && square->input(0) == square->input(1));
  return centred && squared ? square : nullptr;
}

void find_in_layer_norm(const View& view, const OnnxNode& root, std::vector<Unfused>& found) {
  OnnxNode* square = square_below(view, root);
  if (square == nullptr) return;
  const std::string& distance = square->input(0);
  if (square->op == "Mul") found.push_back({square, "Pow", distance, "", 2});
  for (const OnnxNode* reciprocal : view.readers(root.output(0), "Reciprocal")) {
    for (OnnxNode* product : view.readers(reciprocal->output(0), "Mul")) {
      const bool scales = has_two_inputs(product) &&
                          (product->input(0) == distance || product->input(1) == distance);
      if (scales) found.push_back({product, "Div", distance, root.output(0)});
    }
  }
}

void find_in_gelu(const View& view, const OnnxNode& erf, std::vector<Unfused>& found) {
  OnnxNode* product = erf.inputs.empty() ? nullptr : view.producer(erf.input(0), "Mul");
  if (!has_two_inputs(product)) return;
  constexpr double kNear = 1e-6;
  for (const std::size_t k : {0U, 1U}) {
    const std::optional<double> factor = view.number(product->input(k));
    if (!factor || std::abs(*factor - 1 / std::numbers::sqrt2) > kNear) continue;
    found.push_back({product, "Div", product->input(1 - k), "", std::numbers::sqrt2});
    return;
  }
}

bool is_float32(const View& view) {
  for (const OnnxTensor& tensor : view.model().graph.initializers) {
    if (tensor.data_type == schema::data_type(DType::kFloat16)) return false;
  }
  return true;
}

std::vector<Unfused> unfused(const View& view) {
  std::vector<Unfused> found;
  for (const OnnxNode* node : view.nodes()) {
    if (!node->domain.empty() || node->outputs.empty()) continue;
    if (node->op == "Sqrt") find_in_layer_norm(view, *node, found);
    if (node->op == "Erf") find_in_gelu(view, *node, found);
  }
  return found;
}

std::vector<Finding> examine_unfused(const RuleContext& context) {
  Finding finding{.code = "D16",
                  .damage = Damage::kInformation,
                  .what = "LayerNorm or GELU in a form that runtimes do not fuse into one node",
                  .evidence = {},
                  .symptom = "these layers take about twice as long as they need",
                  .since = "exporters other than torch's, and modules that write them out",
                  .remedy = "they get the form that ONNX Runtime recognises",
                  .repairable = is_float32(context.view)};
  for (const Unfused& one : unfused(context.view)) finding.evidence.push_back(one.node->label());
  if (finding.evidence.empty()) return {};
  if (!finding.repairable) finding.remedy = "export it again, in float32, and then convert it";
  return {finding};
}

void repair_unfused(RuleContext& context) {
  View& view = context.view;
  if (!is_float32(view)) return;
  for (const Unfused& one : unfused(view)) {
    const std::string second =
        !one.second.empty()
            ? one.second
            : view.add_constant("doctor/number",
                                make_tensor({}, std::vector{static_cast<float>(one.number)}));
    one.node->op = one.op;
    view.set_input(*one.node, 0, one.first);
    view.set_input(*one.node, 1, second);
  }
}

}  // namespace

Rule unfused_layers() {
  return {"D16", examine_unfused, repair_unfused};
}

}  // namespace tv2onnx::doctor
