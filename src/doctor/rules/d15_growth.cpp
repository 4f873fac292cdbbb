// D15, growth: constants that are put together to something huge when the file is loaded.

#include <fmt/format.h>

#include "doctor/rules/rules.h"
#include "onnx/growth.h"

namespace tv2onnx::doctor {
namespace {

std::vector<Finding> examine_growth(const RuleContext& context) {
  const std::optional<Growth> growth = find_growth(context.view.model());
  if (!growth) return {};
  return {
      {.code = "D15",
       .damage = Damage::kCrash,
       .what = "constants are put together to something huge",
       .evidence = {fmt::format("{}: {:.2g} elements", growth->node->label(), growth->elements)},
       .symptom = "loading takes all memory, or for ever",
       .since = "no exporter",
       .remedy = "do not run the file; export it again, or fetch it from its source",
       .repairable = false}};
}

}  // namespace

Rule growing_constants() {
  return {"D15", examine_growth, nullptr};
}

}  // namespace tv2onnx::doctor
