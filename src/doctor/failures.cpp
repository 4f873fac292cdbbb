#include "doctor/failures.h"

#include <fmt/format.h>

#include <algorithm>

namespace tv2onnx {
namespace doctor {
namespace {

constexpr std::size_t kShownMessage = 160;

bool is_about(const Finding& finding, ErrorCode code) {
  return finding.code == code && finding.damage > Damage::kInformation;
}

Finding finding_of(const Failure& failure) {
  const LogExplanation& explanation = failure.explanation;
  return {.code = explanation.code.empty() ? ErrorCode("R003") : explanation.code,
          .damage = failure.damage,
          .what = explanation.cause,
          .evidence = {},
          .symptom = explanation.text,
          .since = "",
          .remedy = explanation.remedy,
          .repairable = false,
          .source = explanation.source};
}

}  // namespace

LogExplanation explanation_of(const std::string& message) {
  const std::vector<LogExplanation> found = explain_log(message);
  if (!found.empty() && !found[0].code.empty()) return found[0];
  LogExplanation unknown;
  unknown.speaker = "ONNX Runtime";
  unknown.cause = message.substr(0, kShownMessage);
  return unknown;
}

void add_failures(Diagnosis& diagnosis, const std::vector<Failure>& failures) {
  std::vector<Finding> findings;
  for (const Failure& failure : failures) {
    Finding finding = finding_of(failure);
    const auto known = [&](const Finding& other) { return is_about(other, finding.code); };
    if (std::ranges::any_of(diagnosis.findings, known)) continue;
    auto same = std::ranges::find_if(findings, known);
    if (same == findings.end()) same = findings.insert(same, std::move(finding));
    same->evidence.push_back(fmt::format("run on {}", failure.input));
  }
  add_findings(diagnosis, std::move(findings));
}

}  // namespace doctor

namespace {

/// A file that declares what it takes, and refuses the rest, does not crash.
Damage damage_of(const TrialRun& run) {
  if (run.outcome == "wrong") return Damage::kWrong;
  const bool declared = run.explanation.text.find("Got invalid dimensions") != std::string::npos;
  return declared ? Damage::kLimit : Damage::kCrash;
}

}  // namespace

Diagnosis with_trial(Diagnosis diagnosis, const Trial& trial) {
  std::vector<doctor::Failure> failures;
  for (const TrialRun& run : trial.runs) {
    if (run.passed) continue;
    failures.push_back({run.input, damage_of(run), run.explanation});
  }
  doctor::add_failures(diagnosis, failures);
  return diagnosis;
}

}  // namespace tv2onnx
