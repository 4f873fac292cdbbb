// D13: what a target refuses, node by node.

#include "doctor/targets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"
#include "onnx/schema.h"
#include "rewrite/data_flow.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace doctor {
namespace {

// Operators whose results are of another type than their inputs.
constexpr auto kOtherTypes = std::to_array<std::string_view>(
    {"ArgMax", "Equal", "Greater", "GreaterOrEqual", "IsNaN", "Less", "LessOrEqual",
     "NonMaxSuppression", "NonZero", "QuantizeLinear", "Shape", "Size"});

bool names(std::string_view pattern, std::string_view op) {
  if (pattern.ends_with('*')) return op.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == op;
}

/// Double precision comes from a Cast, a constant or an input, and stays until the next Cast or
/// comparison.
std::set<std::string_view> double_values(const View& view) {
  static const auto kDouble = schema::data_type(DType::kFloat64);
  std::set<std::string_view> values;
  for (const OnnxValueInfo& input : view.model().graph.inputs) {
    if (input.data_type == kDouble) values.insert(input.name);
  }
  const auto is_double = [&](const std::string& value) {
    if (values.contains(value)) return true;
    const OnnxTensor* weight = view.initializer(value);
    return weight != nullptr && weight->data_type == kDouble;
  };
  for (const OnnxNode* node : view.nodes()) {
    bool makes = false;
    if (node->op == "Cast") {
      makes = node->integer("to", 0) == kDouble;
    } else if (node->op == "Constant") {
      const auto constant = node->outputs.empty() ? std::nullopt : view.constant(node->output(0));
      makes = constant && constant->dtype == DType::kFloat64;
    } else if (std::ranges::count(kOtherTypes, node->op) == 0) {
      makes = std::ranges::any_of(node->inputs, is_double);
    }
    if (makes) values.insert(node->outputs.begin(), node->outputs.end());
  }
  return values;
}

const TargetTable& table_of(std::string_view target) {
  for (const TargetTable& table : targets()) {
    if (table.name == target) return table;
  }
  const std::vector<std::string_view> known = target_names();
  const std::string nearest = nearest_name(target, known);
  throw Error({.code = "U001",
               .found = fmt::format("unknown target '{}'", printable(target)),
               .expected = fmt::format("{}", fmt::join(known, ", ")),
               .hint = nearest.empty() ? "" : fmt::format("did you mean {}?", nearest)});
}

}  // namespace

TargetContext::TargetContext(const RuleContext& context)
    : rules(context),
      found(data_dependent(context.view)),
      doubles(double_values(context.view)),
      origins(context.view) {
  const OnnxGraph& graph = context.view.model().graph;
  if (graph.inputs.empty() || !graph.inputs[0].dims) return;
  takes_sizes =
      std::ranges::any_of(*graph.inputs[0].dims, [](const auto& dim) { return dim.value < 0; });
}

bool has_input(const OnnxNode& node, std::size_t input) {
  return input < node.inputs.size() && !node.input(input).empty();
}

bool is_custom(const TargetContext& /*context*/, const OnnxNode& node) {
  return !node.domain.empty() && node.domain != "ai.onnx";
}

bool has_double(const TargetContext& context, const OnnxNode& node) {
  return std::ranges::any_of(
      node.outputs, [&](const std::string& output) { return context.doubles.contains(output); });
}

std::span<const TargetTable> targets() {
  static const std::vector<TargetTable> table{
      portable_target(), tensorrt_target(), openvino_target(), opencv_target(),
      web_target(),      web_gpu_target(),  web_wasm_target(), xnnpack_target(),
      onednn_target(),   coreml_target(),   nnapi_target()};
  return table;
}

std::vector<Finding> examine_for(const RuleContext& context, std::string_view target) {
  const TargetTable& table = table_of(target);
  const TargetContext facts(context);
  std::vector<Finding> findings;
  if (table.examine_input != nullptr) findings = table.examine_input(facts);
  std::vector<Finding> rows(table.refusals.size());
  for (const OnnxNode* node : context.view.nodes()) {
    // The first row that fits is the reason; later ones are more general.
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const Refusal& row = table.refusals[k];
      if (!names(row.op, node->op)) continue;
      if (row.applies != nullptr && !row.applies(facts, *node)) continue;
      rows[k].evidence.push_back(node->label());
      break;
    }
  }
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const Refusal& row = table.refusals[k];
    if (rows[k].evidence.empty()) continue;
    rows[k].code = "D13";
    rows[k].damage = row.damage;
    rows[k].what = row.op == "*" ? fmt::format("{}: {}", table.release, row.why)
                                 : fmt::format("{}: {}: {}", table.release, row.op, row.why);
    rows[k].remedy = row.remedy;
    rows[k].source = row.source;
    findings.push_back(std::move(rows[k]));
  }
  return findings;
}

}  // namespace doctor

std::vector<std::string_view> target_names() {
  std::vector<std::string_view> names;
  std::ranges::transform(doctor::targets(), std::back_inserter(names), &doctor::TargetTable::name);
  return names;
}

void require_target(std::string_view target) {
  doctor::table_of(target);
}

}  // namespace tv2onnx
