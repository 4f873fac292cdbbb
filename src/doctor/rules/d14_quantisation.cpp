// D14: quantised in the wrong places.
//
//   behind NonMaxSuppression or NonZero     coordinates and scores in 8 bits
//   ConvInteger                             ONNX Runtime's CPU provider has none for signed weights

#include <algorithm>
#include <array>

#include "doctor/rules/rules.h"
#include "rewrite/data_flow.h"

namespace tv2onnx::doctor {
namespace {

bool quantises(const OnnxNode& node) {
  constexpr std::array<std::string_view, 3> kOps{"QuantizeLinear", "DequantizeLinear",
                                                 "DynamicQuantizeLinear"};
  return std::ranges::count(kOps, node.op) > 0;
}

std::vector<Finding> examine_quantisation(const RuleContext& context) {
  const View& view = context.view;
  Finding late{.code = "D14",
               .damage = Damage::kWrong,
               .what = "boxes or scores are quantised to 8 bits after they were found",
               .evidence = {},
               .symptom =
                   "boxes snap to a grid of several pixels, scores to steps; calibration "
                   "fails with 'ReduceMax on an empty tensor'",
               .since = "static quantisation of the whole file",
               .remedy = "quantise only the nodes before the heads (nodes_to_exclude)",
               .repairable = false};
  Finding integer{.code = "D14",
                  .damage = Damage::kCrash,
                  .what = "convolutions were quantised dynamically",
                  .evidence = {},
                  .symptom = "'Could not find an implementation for ConvInteger(10)'",
                  .since = "quantize_dynamic of ONNX Runtime",
                  .remedy = "quantise MatMul and Gemm only (op_types_to_quantize)",
                  .repairable = false};
  const std::set<std::string_view> dependent = data_dependent(view);
  for (const OnnxNode* node : view.nodes()) {
    if (node->op == "ConvInteger") integer.evidence.push_back(node->label());
    const bool is_late = quantises(*node) && !node->inputs.empty() &&
                         dependent.contains(node->input(0)) &&
                         is_list_of_found(view, node->input(0));
    if (is_late) late.evidence.push_back(node->label());
  }
  std::vector<Finding> findings;
  for (Finding* finding : {&late, &integer}) {
    if (!finding->evidence.empty()) findings.push_back(std::move(*finding));
  }
  return findings;
}

}  // namespace

Rule quantisation() {
  return {"D14", examine_quantisation, nullptr};
}

}  // namespace tv2onnx::doctor
