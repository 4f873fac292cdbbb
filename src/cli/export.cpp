// tv2onnx export CHECKPOINT -o MODEL.onnx

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/longest_shown.h"
#include "base/text.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/export_options.h"
#include "cli/model_options.h"
#include "cli/paths.h"
#include "cli/print.h"
#include "cli/recorded_features.h"
#include "tv2onnx/backbone.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/error.h"
#include "tv2onnx/export.h"

namespace tv2onnx::cli {
namespace {

struct ExportArguments {
  std::string checkpoint;
  std::string output;
  std::string prefix;
  ExportFlags flags;
  std::string backbone;  ///< "" if not given
  std::string features;  ///< of the backbone, recorded; "" if not given
  std::vector<int> strides;
  std::string target;  ///< "" if not given
  bool json = false;
};

/// What a file for `target` is like, which is the same for all of them.
void make_portable(const ExportArguments& options, ExportOptions& all) {
  if (options.target.empty()) return;
  require_target(options.target);
  all.build.detection.portable = true;
}

/// What the target is known to refuse of the file; nothing is run.
std::vector<Finding> refused_by(const std::string& target, const std::string& file) {
  if (target.empty()) return {};
  std::vector<Finding> found = diagnose(file, {.target = target}).findings;
  std::erase_if(found, [](const Finding& finding) {
    return finding.code != "D13" || finding.damage == Damage::kInformation;
  });
  return found;
}

ExportOptions all_options(const ExportArguments& options) {
  ExportOptions all = export_options(options.flags);
  if (!options.backbone.empty()) {
    all.backbone = BackboneFile{.path = options.backbone,
                                .strides = {options.strides.begin(), options.strides.end()},
                                .measure = run_backbone(options.backbone, {}, {})};
    if (!options.features.empty()) require_recorded_features(*all.backbone, options.features);
  } else if (!options.strides.empty() || !options.features.empty()) {
    const std::string option = options.features.empty() ? "--strides" : "--backbone-features";
    throw Error({.code = "U002",
                 .found = option + " without --backbone",
                 .where = {.item = option},
                 .hint = "leave " + option + " out"});
  }
  make_portable(options, all);
  return all;
}

void print_text(const ExportArguments& options, const ExportReport& report) {
  print_answer("{}  {}  opset {}  {} nodes  {}/{} weights  {}  {:.2f} s\n",
               printable(report.output, kLongestShown),
               size_text(report.written.model_bytes + report.written.data_bytes), report.opset,
               report.nodes, report.weights_used, report.weights_total,
               dynamic_text(options.flags, report), report.seconds);
  const std::string classes = report.task == Task::kFlow
                                  ? "optical flow"
                                  : class_count_text(find_model(report.arch), report.classes);
  print_answer("{}, {}\n", report.arch, classes);
  if (!report.preparation.empty()) print_answer("  input   {}\n", report.preparation);
  if (!report.answer.empty()) {
    print_answer("  output  {}\n", report.answer);
    print_answer("  runs in ONNX Runtime {} and newer\n", onnx_runtime_of(report.opset));
  }
  for (const auto& [name, value, origin] : report.settings) {
    print_answer("  {} = {}  ({})\n", name, printable(value, kLongestShown),
                 printable(origin, kLongestShown));
  }
  for (const auto& [name, value, origin] : report.assumed) {
    print_answer("  {} = {}  (default; not in a state dict)\n", name,
                 printable(value, kLongestShown));
  }
  for (const auto& [name, value, place] : report.not_used) {
    print_answer("  in the file, not used: {} {}  ({})\n", flag_of(name),
                 printable(value, kLongestShown), printable(place));
  }
}

void log_report(const ExportArguments& options, const ExportReport& report, bool verbose) {
  for (const std::string& note : report.notes)
    print_log("note: {}\n", printable(note, kLongestShown));
  for (const std::string& warning : report.warnings) {
    print_log("warning: {}\n", printable(warning, kLongestShown));
  }
  if (verbose && options.flags.core.arch == "auto") {
    print_log("architecture: {}\n", fmt::join(report.guess.reasons, ", "));
  }
  if (!verbose) return;
  for (const std::string& place : report.not_folded) {
    print_log("not folded: {}\n", printable(place, 1000));
  }
}

int run_export(const ExportArguments& options, const Invocation& invocation) {
  require_file_name(options.output, "-o", "MODEL.onnx");
  const Checkpoint checkpoint = open_checkpoint(options.checkpoint, {.prefix = options.prefix});
  ExportReport report = export_onnx(checkpoint, options.output, all_options(options));
  for (const Finding& finding : refused_by(options.target, options.output)) {
    report.warnings.push_back(fmt::format(
        "{} ({}, {})", finding.what, counted(finding.evidence.size(), "place"), finding.source));
  }
  if (!invocation.quiet) log_report(options, report, invocation.verbose);
  if (options.json) {
    print_answer("{}", to_json(report));
  } else {
    print_text(options, report);
  }
  return 0;
}

void add_backbone_options(Command& command, ExportArguments& options) {
  command
      .add_option("--backbone", options.backbone,
                  "ONNX file of a detector's backbone that is not torchvision's")
      ->type_name("FILE.onnx");
  command
      .add_option("--strides", options.strides,
                  "of its maps, such as 4,8,16,32, where the file does not say them")
      ->delimiter(',')
      ->type_name("LIST");
  command
      .add_option("--backbone-features", options.features, "what PyTorch gave for it, to compare")
      ->type_name("FILE");
}

void add_portable_options(Command& command, ExportArguments& options) {
  command
      .add_option("--target", options.target,
                  "no shape follows from what is found in images (docs/runtimes.md)")
      ->type_name(fmt::format("{}", fmt::join(target_names(), " | ")));
  command
      .add_option("--batch", options.flags.core.build.detection.batch,
                  "with --target: images in a batch (default: any number)")
      ->type_name("N");
}

}  // namespace

void add_export(Command& program, Invocation& invocation) {
  Command* command = program.add_subcommand("export", "convert a checkpoint to ONNX");
  auto options = std::make_shared<ExportArguments>();
  command->add_option("CHECKPOINT", options->checkpoint, "file of torch.save, or .safetensors")
      ->required();
  command->add_option("-o,--output", options->output, "ONNX file to write")
      ->required()
      ->type_name("MODEL.onnx");
  command->add_flag("-f,--force", options->flags.core.write.overwrite, "overwrite the output");
  command->add_flag("--json", options->json, "report as JSON");
  command
      ->add_option("--weights", options->flags.core.weights,
                   "official weights, such as IMAGENET1K_V2, of a renamed file")
      ->type_name("NAME");
  add_backbone_options(*command, *options);
  add_portable_options(*command, *options);
  add_choice<Precision>(*command, "--precision", options->flags.core.precision, kPrecisions,
                        "weights in the file: fp16-weights, int8-weights")
      ->type_name("FORM");
  add_prefix_option(*command, options->prefix);
  add_export_options(*command, options->flags);
  command->add("--help-settings", Page::kFurtherHelp,
               "list the settings of the models, such as --min-size, and exit");
  command->footer(
      "tv2onnx export pets.pth -o pets.onnx --class-names classes.txt\n"
      "tv2onnx export pets.pth -o pets.onnx --min-size 400 --box-score-thresh 0.3\n"
      "tv2onnx export pets.pth -o pets.onnx --target portable --size 480x640 --batch 1");
  command->run = [options, &invocation] { return run_export(*options, invocation); };
}

}  // namespace tv2onnx::cli
