// tv2onnx doctor MODEL.onnx: diagnoses and repairs ONNX models that others exported.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/longest_shown.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/doctor_log.h"
#include "cli/doctor_rebuild.h"
#include "cli/doctor_system.h"
#include "cli/doctor_trial.h"
#include "cli/paths.h"
#include "cli/print.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

struct DoctorOptions {
  std::string model;
  std::string fix;
  RebuildFlags rebuild;
  std::string log;
  std::string target;
  std::vector<std::string> images;
  bool run = false;
  bool json = false;
  bool overwrite = false;
  bool system = false;  ///< --system: no model
};

constexpr std::size_t kShownNodes = 4;

std::string as_text(const Finding& finding) {
  std::string text = fmt::format("\n{}  {}: {}\n", finding.code.name(), damage_text(finding.damage),
                                 printable(finding.what, kLongestShown));
  const auto line = [&](std::string_view name, std::string_view value) {
    if (!value.empty())
      text += fmt::format("     {:<9}{}\n", name, printable(value, kLongestShown));
  };
  // Information and what a target refuses are asked for; of the rest a few nodes show the place.
  const bool all = finding.damage == Damage::kInformation || finding.code == "D13";
  const std::size_t count = finding.evidence.size();
  const std::size_t shown = all ? count : std::min(kShownNodes, count);
  for (std::size_t k = 0; k < shown; ++k) line(k == 0 ? "where" : "", finding.evidence[k]);
  if (count > shown) line("", fmt::format("and {} more (--json lists all)", count - shown));
  line("seen as", finding.symptom);
  line("made by", finding.since);
  line("remedy", finding.repairable ? finding.remedy + " (--fix)" : finding.remedy);
  line("source", finding.source);
  return text;
}

std::string heading(const Diagnosis& diagnosis) {
  return fmt::format("{}  {}\n", printable(diagnosis.file, kLongestShown),
                     printable(diagnosis.verdict, kLongestShown));
}

std::string as_text(const Diagnosis& diagnosis) {
  std::string text = heading(diagnosis);
  for (const Finding& finding : diagnosis.findings) text += as_text(finding);
  return text;
}

std::vector<std::string_view> names_of(const std::vector<ErrorCode>& codes) {
  std::vector<std::string_view> names;
  for (const ErrorCode code : codes) names.push_back(code.name());
  return names;
}

/// What is wrong, a line each: for a user who has asked for the repair.
std::string headlines(const Diagnosis& diagnosis) {
  std::string text = heading(diagnosis) + "\n";
  for (const Finding& finding : diagnosis.findings) {
    if (finding.damage == Damage::kInformation) continue;
    text += fmt::format("{}  {}: {}\n", finding.code.name(), damage_text(finding.damage),
                        printable(finding.what, kLongestShown));
  }
  return text;
}

std::string next_line(const std::string& command) {
  return command.empty() ? "" : fmt::format("\nnext  {}\n", command);
}

/// A command that runs as printed: the repair, the export anew, or a run of what looks healthy.
std::string next_after(const Diagnosis& diagnosis, bool was_run) {
  const std::filesystem::path file(diagnosis.file);
  const auto with = [&](std::string_view option, std::string_view suffix) {
    const std::filesystem::path out =
        file.parent_path() / fmt::format("{}_{}.onnx", file.stem().string(), suffix);
    return fmt::format("tv2onnx doctor {} {} {}", shell_quoted(diagnosis.file), option,
                       shell_quoted(out.string()));
  };
  const auto some = [&](const auto& is) { return std::ranges::any_of(diagnosis.findings, is); };
  if (some([](const Finding& one) { return one.repairable; })) return with("--fix", "fixed");
  if (some([](const Finding& one) { return one.remedy.find("--rebuild") != std::string::npos; })) {
    return with("--rebuild", "rebuilt");
  }
  // Only detectors are tried out.
  const bool tried = task_of_file(file) == Task::kDetection;
  if (was_run || !tried || !diagnosis.healthy()) return "";
  return fmt::format("tv2onnx doctor {} --run", shell_quoted(diagnosis.file));
}

std::string as_text(const FixReport& fixed) {
  std::vector<std::vector<std::string>> rows{{"INPUT", "BEFORE", "AFTER", "VERDICT"}};
  for (const ProofRow& row : fixed.proof) {
    rows.push_back({row.input, row.before, row.after, row.verdict});
  }
  std::string text = fmt::format(
      "{}\n{}  repaired {}; now {}\n", table_text(rows), printable(fixed.after.file, kLongestShown),
      fmt::join(names_of(fixed.repaired), ", "), printable(fixed.after.verdict, kLongestShown));
  // What was not there before, or not found: the rows that still fail, what a repair laid open.
  for (const Finding& finding : fixed.after.findings) {
    if (finding.damage >= Damage::kCrash) text += as_text(finding);
  }
  return text;
}

int run_fix(const DoctorOptions& options) {
  const ExportFlags& flags = options.rebuild.exporting;
  FixOptions fix_options{.torchvision = {},
                         .input = flags.core.build.input.value_or(InputMode::kFloat),
                         .overwrite = options.overwrite};
  if (!flags.torchvision.empty()) {
    fix_options.torchvision = parse_torchvision_version(flags.torchvision);
  }
  const FixReport fixed = fix(options.model, options.fix, fix_options);
  if (options.json) {
    print_answer("{}\n", to_json(fixed));
  } else {
    print_answer("{}\n{}{}", headlines(fixed.before), as_text(fixed),
                 next_line(next_after(fixed.after, false)));
  }
  return fixed.after.healthy() ? 0 : 1;
}

/// An error message in the place of a file is a likely slip.
void refuse_message(const std::string& model) {
  std::error_code ignored;
  const bool has_blanks = model.find_first_of(" \n") != std::string::npos;
  if (!has_blanks || std::filesystem::exists(model, ignored)) return;
  throw Error({.code = "C001",
               .found = "there is no such file",
               .where = {.file = printable(model)},
               .hint = fmt::format("if this is an error message: tv2onnx doctor --log {}",
                                   shell_quoted(model))});
}

int run_doctor(const DoctorOptions& options) {
  if (options.system) return run_doctor_system(options.json);
  if (!options.log.empty()) return run_doctor_log(options.log, options.json);
  refuse_message(options.model);
  require_file_name(options.fix, "--fix", "FIXED.onnx");
  require_file_name(options.rebuild.output, "--rebuild", "NEW.onnx");
  if (!options.fix.empty()) return run_fix(options);
  if (!options.rebuild.output.empty()) {
    return run_rebuild(options.model, options.images, options.rebuild, options.overwrite,
                       options.json);
  }
  Diagnosis diagnosis = diagnose(options.model, {.target = options.target});
  std::optional<Trial> trial;
  if (options.run || !options.images.empty()) {
    trial = run_trial(options.model, options.images);
    diagnosis = with_trial(std::move(diagnosis), *trial);
  }
  if (options.json) {
    print_answer("{}\n", to_json(diagnosis, trial ? &*trial : nullptr));
  } else {
    print_answer("{}{}{}", as_text(diagnosis),
                 trial ? "\n" + trial_text(*trial, options.model) : "",
                 next_line(next_after(diagnosis, trial.has_value())));
  }
  return diagnosis.healthy() && (!trial || trial->passed()) ? 0 : 1;
}

}  // namespace

void add_doctor(Command& program, Invocation& /*invocation*/) {
  Command* command = program.add_subcommand("doctor", "diagnose and repair an ONNX model");
  auto options = std::make_shared<DoctorOptions>();
  Argument* model = command->add_option("MODEL", options->model, "ONNX file of any exporter");
  Argument* log = command
                      ->add_option("--log", options->log,
                                   "explain an error message, without a model: its text, a "
                                   "file, or - for stdin")
                      ->type_name("MESSAGE")
                      ->excludes(model);
  Argument* fix =
      command->add_option("--fix", options->fix, "write a repaired file")->type_name("FIXED.onnx");
  fix->excludes(add_rebuild_options(*command, options->rebuild));
  command->add_flag("-f,--force", options->overwrite, "overwrite an existing file");
  command->add_option("--target", options->target, "also list what this runtime cannot run")
      ->excludes(log)
      ->type_name(fmt::format("{}", fmt::join(target_names(), " | ")));
  command->add_flag("--run", options->run, "also run it on built-in images")->excludes(log);
  command->add_option("--image", options->images, "also run it on this photo; repeatable")
      ->excludes(log)
      ->repeatable()
      ->type_name("PHOTO");
  Argument* system = command
                         ->add_flag("--system", options->system,
                                    "without a model: which ONNX Runtime, execution providers and "
                                    "processor features are found here")
                         ->excludes(model)
                         ->excludes(log);
  command->add_flag("--json", options->json, "answer as JSON");
  command->add("--help-rebuild", Page::kFurtherHelp,
               "list the further options of --rebuild, and exit");
  command->footer(
      "tv2onnx doctor model.onnx\n"
      "tv2onnx doctor model.onnx --fix fixed.onnx\n"
      "tv2onnx doctor --system\n"
      "tv2onnx doctor --log 'Input shape:{14,7}, requested shape:{-1,4}'");
  command->one_of = {model, log, system};
  command->run = [options] { return run_doctor(*options); };
}

}  // namespace tv2onnx::cli
