#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

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

FixReport fix(const std::filesystem::path& path, const std::filesystem::path& out,
              const FixOptions& options) {
  OnnxModel model = read_onnx_model(path);
  check_folder(model, path, out);
  FixReport report;
  OnnxModel original = doctor::copy_of(model);
  report.before = doctor::examine(model, path.string(), options.torchvision);
  const std::set<ErrorCode> codes = doctor::repair(model, report.before, options.torchvision);
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
  for (const ErrorCode left : repairable_codes(report.after)) {
    if (codes.contains(left)) {
      throw Error({.code = "D102",
                   .found = fmt::format("{} is still found after its repair", left.name()),
                   .where = {.file = path.string()}});
    }
  }
  OutputFile file(out, options.overwrite);
  write_onnx_model(model, sink_of(file));
  report.proof = doctor::prove({path, original}, file.temporary(), codes, options);
  file.commit();
  return report;
}

}  // namespace tv2onnx
