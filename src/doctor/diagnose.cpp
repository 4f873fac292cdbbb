#include <fmt/format.h>

#include <algorithm>

#include "base/stable_sort.h"
#include "doctor/failures.h"
#include "doctor/rule.h"
#include "doctor/rules/rules.h"
#include "doctor/targets.h"

namespace tv2onnx {
namespace {

std::string verdict_of(const Diagnosis& diagnosis) {
  if (diagnosis.healthy()) return "healthy: nothing wrong was found";
  const Finding& worst = diagnosis.findings.front();
  const auto wrong = std::ranges::count_if(
      diagnosis.findings, [](const Finding& f) { return f.damage > Damage::kInformation; });
  return fmt::format("{}: {}{}", damage_text(worst.damage), worst.what,
                     wrong > 1 ? fmt::format(" (and {} more)", wrong - 1) : "");
}

}  // namespace

std::string_view damage_text(Damage damage) {
  switch (damage) {
    case Damage::kInformation: return "information";
    case Damage::kWaste: return "waste";
    case Damage::kLimit: return "limited";
    case Damage::kCrash: return "crashes";
    case Damage::kWrong: return "wrong results";
  }
  return "";
}

bool Diagnosis::healthy() const {
  return std::ranges::all_of(findings,
                             [](const Finding& f) { return f.damage == Damage::kInformation; });
}

void doctor::add_findings(Diagnosis& diagnosis, std::vector<Finding> findings) {
  std::ranges::move(findings, std::back_inserter(diagnosis.findings));
  sort_stably(diagnosis.findings, std::ranges::greater(), &Finding::damage);
  diagnosis.verdict = verdict_of(diagnosis);
}

Diagnosis doctor::examine(OnnxModel& model, const std::string& file,
                          std::optional<TorchvisionVersion> torchvision, std::string_view target) {
  const RuleContext context(model, torchvision, file);
  std::vector<Finding> findings;
  for (const Rule& rule : doctor::rules()) {
    std::ranges::move(rule.examine(context), std::back_inserter(findings));
  }
  if (!target.empty()) {
    std::ranges::move(examine_for(context, target), std::back_inserter(findings));
  }
  Diagnosis diagnosis{file, "", {}};
  add_findings(diagnosis, std::move(findings));
  return diagnosis;
}

std::optional<Finding> doctor::reason_not_to_run(OnnxModel& model) {
  const RuleContext context(model);
  for (const Rule& rule : {bad_structure(), growing_constants()}) {
    const std::vector<Finding> findings = rule.examine(context);
    if (!findings.empty()) return findings[0];
  }
  return std::nullopt;
}

Diagnosis diagnose(const std::filesystem::path& path, const DiagnosisOptions& options) {
  OnnxModel model = read_onnx_model(path);
  return doctor::examine(model, path.string(), {}, options.target);
}

}  // namespace tv2onnx
