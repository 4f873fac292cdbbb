// D13: what a target refuses, node by node.

#include "doctor/targets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

bool names(std::string_view pattern, std::string_view op) {
  if (pattern.ends_with('*')) return op.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == op;
}

const TargetTable& table_of(std::string_view target) {
  std::vector<std::string_view> known;
  for (const TargetTable& table : targets()) {
    if (table.name == target) return table;
    known.push_back(table.name);
  }
  const std::string nearest = nearest_name(target, known);
  throw Error({.code = "U001",
               .found = fmt::format("unknown target '{}'", printable(target)),
               .expected = fmt::format("{}", fmt::join(known, ", ")),
               .hint = nearest.empty() ? "" : fmt::format("did you mean {}?", nearest)});
}

/// What the file as a whole asks of the target.
std::vector<Finding> examine_input(const RuleContext& context, const TargetTable& table) {
  if (table.name != "opencv") return {};
  const OnnxGraph& graph = context.view.model().graph;
  if (graph.inputs.empty() || !graph.inputs[0].dims) return {};
  const auto& dims = *graph.inputs[0].dims;
  const bool dynamic = std::ranges::any_of(dims, [](const auto& dim) { return dim.value < 0; });
  if (!dynamic) return {};
  return {{.code = "D13",
           .damage = Damage::kLimit,
           .what = "OpenCV 4: dynamic input sizes are not supported",
           .evidence = {fmt::format("input {}", graph.inputs[0].name)},
           .symptom = "",
           .since = "",
           .remedy = "set the size that you use: onnxruntime.tools.make_dynamic_shape_fixed",
           .repairable = false,
           .source = "https://github.com/opencv/opencv/issues/26141"}};
}

}  // namespace

std::vector<Finding> examine_for(const RuleContext& context, std::string_view target) {
  const TargetTable& table = table_of(target);
  std::vector<Finding> findings = examine_input(context, table);
  std::vector<Finding> rows(table.refusals.size());
  for (const OnnxNode* node : context.view.nodes()) {
    // The first row that fits is the reason; later ones are more general.
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const Refusal& row = table.refusals[k];
      if (!names(row.op, node->op)) continue;
      if (row.applies != nullptr && !row.applies(context, *node)) continue;
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

}  // namespace tv2onnx::doctor
