// D15, debris: nodes and weights that no output needs, identities, the same constant several times.
//
// Right, but larger than need be. Every repaired file is cleaned up; a file that has nothing else
// is, if that saves a hundredth of it.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "doctor/rules/rules.h"
#include "rewrite/clean_up.h"

namespace tv2onnx::doctor {
namespace {

constexpr double kWorthwhile = 0.01;

/// "3 unused weights, 2 repeated constants: 1.2 MiB of the file"
std::string text_of(const Debris& debris) {
  std::vector<std::string> parts;
  const auto add = [&](std::size_t count, std::string_view what) {
    if (count > 0) parts.push_back(counted(count, what));
  };
  add(debris.nodes.size(), "unused node");
  add(debris.tensors.size(), "unused weight");
  add(debris.identities.size(), "Identity node");
  add(debris.copies.size(), "repeated constant");
  return fmt::format("{}: {} of the file", fmt::join(parts, ", "), size_text(debris.bytes));
}

std::vector<Finding> examine_debris(const RuleContext& context) {
  const OnnxModel& model = context.view.model();
  const Debris debris = find_debris(context.view);
  if (debris.size() == 0) return {};
  const bool worthwhile =
      static_cast<double>(debris.bytes) > kWorthwhile * static_cast<double>(model.file_size);
  Finding finding{.code = "D15",
                  .damage = worthwhile ? Damage::kWaste : Damage::kInformation,
                  .what = text_of(debris),
                  .evidence = {},
                  .symptom = "",
                  .since = "",
                  .remedy = "they are removed",
                  .repairable = worthwhile};
  for (const OnnxNode* node : debris.nodes) finding.evidence.push_back(node->label());
  for (const OnnxTensor* tensor : debris.tensors) {
    finding.evidence.push_back(printable(tensor->name));
  }
  for (const Debris::Copy& copy : debris.copies) {
    finding.evidence.push_back(
        fmt::format("{} = {}", printable(copy.tensor->name), printable(copy.first->name)));
  }
  return {finding};
}

void repair_debris(RuleContext& context) {
  clean_up(context.view.model());
}

}  // namespace

Rule debris() {
  return {"D15", examine_debris, repair_debris};
}

}  // namespace tv2onnx::doctor
