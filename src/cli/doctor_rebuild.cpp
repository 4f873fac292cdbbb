#include "cli/doctor_rebuild.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/longest_shown.h"
#include "base/text.h"
#include "cli/help.h"
#include "cli/print.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/image.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::cli {
namespace {

constexpr const char* kRebuildGroup = "Options of --rebuild";

/// The file stands for a checkpoint.
std::string origin_text(const std::string& origin) {
  return origin == "checkpoint" ? "the file" : origin;
}

std::string answer_text(const ExportReport& report) {
  return report.task == Task::kFlow ? "optical flow"
                                    : class_count_text(find_model(report.arch), report.classes);
}

std::string as_text(const Rebuilt& rebuilt, const RebuildFlags& flags) {
  const ExportReport& report = rebuilt.exported;
  std::vector<std::vector<std::string>> rows{{"INPUT", "BEFORE", "AFTER", "VERDICT"}};
  for (const ProofRow& row : rebuilt.proof) {
    rows.push_back({row.input, row.before, row.after, row.verdict});
  }
  std::string text =
      fmt::format("{}\n{}  {}  {} nodes  {} weights  {}\n{}, {}, recovered from a file of {}\n",
                  table_text(rows), printable(flags.output, kLongestShown),
                  size_text(report.written.model_bytes + report.written.data_bytes), report.nodes,
                  report.weights_used, dynamic_text(flags.exporting, report), report.arch,
                  answer_text(report), printable(rebuilt.source));
  if (!report.answer.empty()) text += fmt::format("  output  {}\n", report.answer);
  for (const auto& [name, value, origin] : report.settings) {
    text += fmt::format("  {} = {}  ({})\n", name, printable(value, kLongestShown),
                        printable(origin_text(origin), kLongestShown));
  }
  if (!rebuilt.defaults.empty()) {
    text += fmt::format("not in the file, so the builder's defaults: {}\n",
                        fmt::join(rebuilt.defaults, ", "));
  }
  for (const std::string& note : rebuilt.notes)
    text += fmt::format("warning: {}\n", printable(note, 1000));
  for (const std::string& kept : rebuilt.kept) text += fmt::format("note: {}\n", kept);
  if (!rebuilt.doubt.empty()) text += fmt::format("note: {}\n", printable(rebuilt.doubt, 1000));
  return text;
}

}  // namespace

Argument* add_rebuild_options(Command& command, RebuildFlags& flags) {
  Argument* rebuild =
      command
          .add_option("--rebuild", flags.output,
                      "recover weights and settings from the file and export them anew")
          ->type_name("NEW.onnx");
  // A repaired file may have another input and another release's image sizes, too.
  constexpr auto kOfRepair = std::to_array<std::string_view>({"--input", "--torchvision"});
  for (Argument* option : add_export_options(command, flags.exporting)) {
    const std::string name = option->name();
    if (std::ranges::find(kOfRepair, name) != kOfRepair.end()) continue;
    option->needs(rebuild);
    if (option->in_group != kSettingsGroup) option->group(kRebuildGroup);
  }
  command.add_flag("--unproven", flags.unproven, "write the file even if it could not be compared")
      ->needs(rebuild)
      ->group(kRebuildGroup);
  return rebuild;
}

int run_rebuild(const std::string& model, const std::vector<std::string>& photos,
                const RebuildFlags& flags, bool overwrite, bool json) {
  RebuildOptions options{.core = export_options(flags.exporting),
                         .torchvision = {},
                         .photos = {},
                         .unproven = flags.unproven};
  options.core.write.overwrite = overwrite;
  if (!flags.exporting.torchvision.empty()) options.torchvision = options.core.build.torchvision;
  for (const std::string& photo : photos) options.photos.push_back(read_image(photo));
  const Rebuilt rebuilt = rebuild(model, flags.output, options);
  if (json) {
    print_answer("{}\n", to_json(rebuilt, flags.output));
  } else {
    print_answer("{}", as_text(rebuilt, flags));
  }
  return 0;
}

}  // namespace tv2onnx::cli
