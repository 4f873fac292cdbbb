// D15, structure: a graph that no runtime accepts.
//
// Every value is made once, before it is read: in a cycle no order does that. Every node has the
// inputs and outputs that its operator needs.

#include <fmt/format.h>

#include "base/text.h"
#include "doctor/rules/rules.h"
#include "onnx/arity.h"
#include "rewrite/check.h"

namespace tv2onnx::doctor {
namespace {

/// The problems of one kind, as lines of evidence.
std::vector<std::string> evidence(const std::vector<ValueProblem>& problems,
                                  ValueProblem::Kind kind) {
  std::vector<std::string> lines;
  for (const ValueProblem& problem : problems) {
    if (problem.kind != kind) continue;
    const std::string value = printable(problem.value);
    if (kind == ValueProblem::Kind::kTwice) {
      lines.push_back(value);
    } else if (problem.node == nullptr) {
      lines.push_back(fmt::format("'{}', an output", value));
    } else {
      lines.push_back(fmt::format("'{}', read by {}", value, problem.node->label()));
    }
  }
  return lines;
}

std::vector<Finding> examine_structure(const RuleContext& context) {
  using ProblemKind = ValueProblem::Kind;
  const std::vector<ValueProblem> problems = find_value_problems(context.view.model());
  std::vector<Finding> findings;
  const auto add = [&](const std::vector<std::string>& lines, const char* what,
                       const char* remedy) {
    if (lines.empty()) return;
    findings.push_back({.code = "D15",
                        .damage = Damage::kCrash,
                        .what = what,
                        .evidence = lines,
                        .symptom = "the model does not load",
                        .since = "",
                        .remedy = remedy,
                        .repairable = false});
  };
  std::vector<std::string> lacking;
  for (const ArityProblem& problem : find_arity_problems(context.view.model())) {
    lacking.push_back(fmt::format("{} has {}", problem.node->label(), problem.found));
  }
  add(lacking, "nodes lack inputs or outputs that their operators need",
      "export again; a tool changed or damaged the file");
  add(evidence(problems, ProblemKind::kTwice), "values are made more than once",
      "export again; a tool merged graphs badly");
  add(evidence(problems, ProblemKind::kUnknown), "values are read that nothing makes",
      "export again; the file was cut out of a larger one");
  const std::vector<std::string> later = evidence(problems, ProblemKind::kLater);
  if (!later.empty() && has_cycle(context.view.model())) {
    add(later, "the graph has a cycle", "export again; an edit closed a circle");
  } else {
    add(later, "nodes are not in the order in which they can run",
        "sort them with the tool that changed the file, or export again");
  }
  return findings;
}

}  // namespace

Rule bad_structure() {
  return {"D15", examine_structure, nullptr};
}

}  // namespace tv2onnx::doctor
