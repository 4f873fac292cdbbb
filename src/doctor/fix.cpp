#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "doctor/failures.h"
#include "doctor/input_guard.h"
#include "doctor/proof.h"
#include "doctor/rule.h"
#include "onnx/write.h"
#include "rewrite/clean_up.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

std::set<ErrorCode> repairable_codes(const Diagnosis& diagnosis) {
  std::set<ErrorCode> codes;
  for (const Finding& finding : diagnosis.findings) {
    if (finding.repairable) codes.insert(finding.code);
  }
  return codes;
}

/// External weights are found beside the model, so the repaired file must lie there too.
void check_folder(const OnnxModel& model, const std::filesystem::path& from,
                  const std::filesystem::path& to) {
  const bool external = std::ranges::any_of(
      model.graph.initializers, [](const OnnxTensor& t) { return !t.external.empty(); });
  if (!external || std::filesystem::absolute(from).parent_path() ==
                       std::filesystem::absolute(to).parent_path()) {
    return;
  }
  throw Error({.code = "U003",
               .found = "the model's weights are in files beside it",
               .where = {.file = from.string()},
               .hint = fmt::format("write the repaired file to the same folder, {}",
                                   from.parent_path().string())});
}

/// What still fails, as findings. The repair that the message asks for has just been made.
void add_failures(FixReport& report) {
  std::vector<doctor::Failure> failures;
  for (const ProofRow& row : report.proof) {
    if (row.failure.empty()) continue;
    doctor::Failure failure{row.input, Damage::kCrash, doctor::explanation_of(row.failure)};
    std::string& remedy = failure.explanation.remedy;
    if (remedy.empty() || remedy.find("--fix") != std::string::npos) {
      remedy =
          "tv2onnx doctor MODEL.onnx --rebuild NEW.onnx, or tv2onnx export from the checkpoint";
    }
    failures.push_back(std::move(failure));
  }
  doctor::add_failures(report.after, failures);
}

}  // namespace

std::set<ErrorCode> doctor::repair(OnnxModel& model, const Diagnosis& diagnosis,
                                   std::optional<TorchvisionVersion> torchvision) {
  std::set<ErrorCode> codes = repairable_codes(diagnosis);
  if (codes.empty()) return codes;
  for (const Rule& rule : doctor::rules()) {
    if (rule.repair == nullptr || !codes.contains(rule.code)) continue;
    RuleContext context(model, torchvision);
    rule.repair(context);
  }
  clean_up(model);
  return codes;
}

namespace {

/// What is still repairable although it has been repaired.
void require_repaired(const Diagnosis& after, const std::set<ErrorCode>& codes,
                      const std::string& file) {
  for (const ErrorCode left : repairable_codes(after)) {
    if (!codes.contains(left)) continue;
    throw Error({.code = "D102",
                 .found = fmt::format("{} is still found after its repair", left.name()),
                 .where = {.file = file}});
  }
}

/// Repairs until nothing is left, since one repair may lay open what another rule then finds.
std::set<ErrorCode> repair_all(OnnxModel& model, FixReport& report, const std::string& out,
                               const FixOptions& options) {
  std::set<ErrorCode> all = doctor::repair(model, report.before, options.torchvision);
  report.after = doctor::examine(model, out, options.torchvision);
  while (!repairable_codes(report.after).empty()) {
    require_repaired(report.after, all, report.before.file);
    all.merge(doctor::repair(model, report.after, options.torchvision));
    report.after = doctor::examine(model, out, options.torchvision);
  }
  return all;
}

}  // namespace

FixReport fix(const std::filesystem::path& path, const std::filesystem::path& out,
              const FixOptions& options) {
  OnnxModel model = read_onnx_model(path);
  check_folder(model, path, out);
  FixReport report;
  OnnxModel original = doctor::copy_of(model);
  report.before = doctor::examine(model, path.string(), options.torchvision);
  const std::set<ErrorCode> codes = repair_all(model, report, out.string(), options);
  if (codes.empty() && options.input == InputMode::kFloat) {
    throw Error({.code = "D101",
                 .found = report.before.verdict,
                 .where = {.file = path.string()},
                 .hint = report.before.healthy()
                             ? "there is nothing to repair: use the file as it is"
                             : report.before.findings[0].remedy});
  }
  doctor::add_input_guard(model, options.input);
  report.repaired.assign(codes.begin(), codes.end());
  report.after = doctor::examine(model, out.string(), options.torchvision);
  require_repaired(report.after, codes, path.string());
  OutputFile file(out, options.overwrite);
  write_onnx_model(model, sink_of(file));
  report.proof = doctor::prove({path, original}, file.temporary(), codes, options);
  add_failures(report);
  file.commit();
  return report;
}

}  // namespace tv2onnx
