#include "cli/export_options.h"

#include "cli/choice.h"
#include "cli/class_names.h"
#include "cli/image_size.h"
#include "cli/model_options.h"

#include "tv2onnx/contract.h"

namespace tv2onnx::cli {
namespace {

using Added = std::vector<Argument*>;

/// What the file takes and gives.
void add_contract(Command& command, ExportFlags& flags, Added& added) {
  BuildOptions& build = flags.core.build;
  added.push_back(add_choice<InputMode>(command, "--input", build.input, kInputModes,
                                        "float: RGB [batch,3,height,width] 0..1 (default for "
                                        "detectors); uint8: [batch,height,width,3] (others); "
                                        "auto: float 0..1 or 0..255; normalized: by your code"));
  added.push_back(add_choice<Preprocess>(
      command, "--preprocess", build.preprocess, kPreprocesses,
      "of classifiers. full: the file resizes, crops, normalises photos (default); normalize: "
      "it only normalises; none: your code does all"));
  added.push_back(add_choice<OutputMode>(
      command, "--outputs", build.outputs, kOutputModes,
      "detectors: rows of the fullest image (batched, default), box_detections_per_img rows "
      "(fixed), one list (flat), the heads' (raw); classifiers: the best (topk); flow: each "
      "update (all)"));
  added.push_back(
      command.add_option("--top", build.top, "with --outputs topk: how many classes (default 5)")
          ->type_name("N"));
  added.push_back(command
                      .add_option("--features", build.features,
                                  "modules whose outputs the file gives, too, such as "
                                  "layer3,avgpool")
                      ->delimiter(',')
                      ->type_name("PATHS"));
  added.push_back(command
                      .add_option("--size", flags.size,
                                  "such as 800x1344, with --outputs raw or (of export) --target")
                      ->type_name("HEIGHTxWIDTH"));
  added.push_back(add_choice<MaskOutput>(
      command, "--masks", build.detection.masks, kMaskOutputs,
      "roi: probabilities over each box; full: pasted into the image, which is large (default roi, "
      "full with --outputs flat)"));
  added.push_back(command.add_flag("--bgr", build.bgr, "the input's channels are BGR"));
}

/// Where the settings of the model and the names of its classes come from.
void add_sources(Command& command, ExportFlags& flags, Added& added) {
  const auto option = [&](const char* name, std::string& target, const char* value,
                          const char* help) {
    added.push_back(command.add_option(name, target, help)->type_name(value));
  };
  added.push_back(
      command
          .add_option("--arch", flags.core.arch, "name in tv2onnx models; auto: as the weights say")
          ->capture_default_str()
          ->type_name("NAME"));
  option("--config", flags.config, "FILE.json", "settings of the model");
  option("--class-names", flags.class_names_file, "FILE.txt", "one class name per line");
  added.push_back(
      command.add_flag("--assume-torchvision", flags.core.assume_torchvision,
                       "export changed classes, methods and hooks as if torchvision's"));
  option("--torchvision", flags.torchvision, "VERSION",
         "torchvision release to match; image resizing changed in 0.16");
}

/// The form of the file itself.
void add_form(Command& command, ExportFlags& flags, Added& added) {
  added.push_back(
      command.add_option("--opset", flags.core.opset, "ONNX opset, 11 to 21 (default 17)")
          ->type_name("N"));
  added.push_back(command.add_flag("--external-data", flags.core.write.external_data,
                                   "weights in a second file, MODEL.onnx.data"));
}

}  // namespace

std::vector<Argument*> add_export_options(Command& command, ExportFlags& flags) {
  Added added;
  add_sources(command, flags, added);
  add_contract(command, flags, added);
  add_form(command, flags, added);
  const Added settings = add_model_options(command, flags.model_values);
  added.insert(added.end(), settings.begin(), settings.end());
  return added;
}

ExportOptions export_options(const ExportFlags& flags) {
  ExportOptions options = flags.core;
  if (!flags.torchvision.empty()) {
    options.build.torchvision = parse_torchvision_version(flags.torchvision);
  }
  if (!flags.size.empty()) options.build.detection.size = parse_size(flags.size);
  if (!flags.class_names_file.empty()) {
    options.class_names = read_class_names(flags.class_names_file);
  }
  options.overrides = overrides_of(flags.config, flags.model_values);
  return options;
}

std::string_view dynamic_text(const ExportFlags& flags, const ExportReport& report) {
  const DetectionBuild& detection = flags.core.build.detection;
  const bool one_batch = flags.core.build.outputs == OutputMode::kRaw || detection.batch;
  if (report.one_size) return one_batch ? "all shapes fixed" : "batch dynamic";
  if (one_batch) return "height x width dynamic";
  return report.task == Task::kVideo ? "batch x time x height x width dynamic"
                                     : "batch x height x width dynamic";
}

}  // namespace tv2onnx::cli
