// tv2onnx doctor MODEL.onnx [--fix OUT.onnx]: what is wrong with a file that others exported.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "tv2onnx/doctor.h"

namespace tv2onnx::cli {
namespace {

struct DoctorOptions {
  std::string model;
  std::string fix;
  std::string torchvision;
  bool json = false;
  bool overwrite = false;
};

constexpr std::size_t kShownNodes = 4;

nlohmann::ordered_json as_json(const Finding& finding) {
  return {{"code", finding.code},       {"damage", damage_text(finding.damage)},
          {"what", finding.what},       {"evidence", finding.evidence},
          {"symptom", finding.symptom}, {"since", finding.since},
          {"remedy", finding.remedy},   {"repairable", finding.repairable}};
}

nlohmann::ordered_json as_json(const Diagnosis& diagnosis) {
  nlohmann::ordered_json findings = nlohmann::ordered_json::array();
  for (const Finding& finding : diagnosis.findings) findings.push_back(as_json(finding));
  return {{"file", diagnosis.file},
          {"healthy", diagnosis.healthy()},
          {"verdict", diagnosis.verdict},
          {"findings", findings}};
}

std::string as_text(const Finding& finding) {
  std::string text =
      fmt::format("\n{}  {}: {}\n", finding.code, damage_text(finding.damage), finding.what);
  const auto line = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) text += fmt::format("     {:<9}{}\n", name, value);
  };
  for (std::size_t k = 0; k < std::min(kShownNodes, finding.evidence.size()); ++k) {
    line(k == 0 ? "where" : "", finding.evidence[k]);
  }
  if (finding.evidence.size() > kShownNodes) {
    line("", fmt::format("and {} more (--json lists all)", finding.evidence.size() - kShownNodes));
  }
  line("seen as", finding.symptom);
  line("made by", finding.since);
  line("remedy", finding.repairable ? finding.remedy + " (--fix)" : finding.remedy);
  return text;
}

std::string as_text(const Diagnosis& diagnosis) {
  std::string text = fmt::format("{}  {}\n", diagnosis.file, diagnosis.verdict);
  for (const Finding& finding : diagnosis.findings) text += as_text(finding);
  return text;
}

std::string as_text(const Treatment& treatment) {
  std::vector<std::vector<std::string>> rows{{"INPUT", "BEFORE", "AFTER", "VERDICT"}};
  for (const ProofRow& row : treatment.proof) {
    rows.push_back({row.input, row.before, row.after, row.verdict});
  }
  return fmt::format("{}\n{}  repaired {}; now {}\n", table_text(rows), treatment.after.file,
                     fmt::join(treatment.repaired, ", "), treatment.after.verdict);
}

nlohmann::ordered_json as_json(const Treatment& treatment) {
  nlohmann::ordered_json proof = nlohmann::ordered_json::array();
  for (const ProofRow& row : treatment.proof) {
    proof.push_back({{"input", row.input},
                     {"before", row.before},
                     {"after", row.after},
                     {"verdict", row.verdict}});
  }
  return {{"before", as_json(treatment.before)},
          {"after", as_json(treatment.after)},
          {"repaired", treatment.repaired},
          {"proof", proof}};
}

int run_fix(const DoctorOptions& options) {
  TreatmentOptions treatment_options{.torchvision = {}, .overwrite = options.overwrite};
  if (!options.torchvision.empty()) {
    treatment_options.torchvision = parse_torchvision_version(options.torchvision);
  }
  const Treatment treatment = treat(options.model, options.fix, treatment_options);
  if (options.json) {
    fmt::print("{}\n", as_json(treatment).dump(2));
  } else {
    fmt::print("{}\n{}", as_text(treatment.before), as_text(treatment));
  }
  return treatment.after.healthy() ? 0 : 1;
}

int run_doctor(const DoctorOptions& options) {
  if (!options.fix.empty()) return run_fix(options);
  const Diagnosis diagnosis = diagnose(options.model);
  if (options.json) {
    fmt::print("{}\n", as_json(diagnosis).dump(2));
  } else {
    fmt::print("{}", as_text(diagnosis));
  }
  return diagnosis.healthy() ? 0 : 1;
}

}  // namespace

void add_doctor(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("doctor", "say what is wrong with an exported ONNX file");
  auto options = std::make_shared<DoctorOptions>();
  command->add_option("MODEL", options->model, "ONNX file of any exporter")->required();
  CLI::Option* fix = command->add_option("--fix", options->fix, "write a repaired file");
  command->add_flag("-f,--force", options->overwrite, "overwrite an existing file")->needs(fix);
  command
      ->add_option("--torchvision", options->torchvision,
                   "release whose image sizes the repaired file shall have, e.g. 0.21; default: "
                   "that of the torch which wrote the file")
      ->needs(fix);
  command->add_flag("--json", options->json, "answer as JSON");
  command->callback(
      [options, &invocation] { invocation.run = [options] { return run_doctor(*options); }; });
}

}  // namespace tv2onnx::cli
