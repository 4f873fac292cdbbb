#include "cli/export_options.h"

#include "cli/class_names.h"
#include "cli/image_size.h"
#include "cli/model_options.h"

namespace tv2onnx::cli {
namespace {

using InputModes = std::map<std::string, InputMode>;
using OutputModes = std::map<std::string, OutputMode>;
using MaskOutputs = std::map<std::string, MaskOutput>;

CLI::CheckedTransformer input_modes() {
  return CLI::CheckedTransformer(InputModes{
      {"float", InputMode::kFloat}, {"uint8", InputMode::kUint8}, {"auto", InputMode::kAuto}});
}

CLI::CheckedTransformer output_modes() {
  return CLI::CheckedTransformer(OutputModes{{"batched", OutputMode::kBatched},
                                             {"fixed", OutputMode::kFixed},
                                             {"flat", OutputMode::kFlat},
                                             {"raw", OutputMode::kRaw}});
}

CLI::CheckedTransformer mask_outputs() {
  return CLI::CheckedTransformer(
      MaskOutputs{{"roi", MaskOutput::kRoi}, {"full", MaskOutput::kFull}});
}

}  // namespace

std::vector<CLI::Option*> add_export_options(CLI::App& command, ExportFlags& flags) {
  ExportOptions& core = flags.core;
  std::vector<CLI::Option*> added{
      command.add_option("--arch", core.arch, "architecture, see tv2onnx models")
          ->capture_default_str(),
      command.add_option("--opset", core.opset, "ONNX opset, 11 to 21")->capture_default_str(),
      command
          .add_option("--input", core.build.input,
                      "float: [batch,3,height,width] RGB 0..1; uint8: [batch,height,width,3] RGB "
                      "0..255; auto: float of either range")
          ->transform(input_modes()),
      command
          .add_option("--outputs", core.build.detection.outputs,
                      "batched: padded to the largest count; fixed: to box_detections_per_img; "
                      "flat: all in one list; raw: what the heads give, with fixed shapes")
          ->transform(output_modes()),
      command.add_option("--size", flags.size,
                         "with --outputs raw: HEIGHTxWIDTH of the input, such as 800x1344"),
      command
          .add_option("--masks", core.build.detection.masks,
                      "roi: probabilities over each box; full: pasted into the image, hundreds of "
                      "MB for a batch; default: full with flat outputs, else roi")
          ->transform(mask_outputs()),
      command.add_flag("--bgr", core.build.bgr, "the input's channels are BGR"),
      command.add_option("--torchvision", flags.torchvision,
                         "release whose image sizes are reproduced; they changed in 0.16"),
      command.add_option("--class-names", flags.class_names_file,
                         "text file with one class name per line"),
      command.add_option("--config", flags.config, "JSON file with settings of the model"),
      command.add_flag("--external-data", core.write.external_data,
                       "weights in a second file, MODEL.onnx.data")};
  const std::vector<CLI::Option*> settings = add_model_options(command, flags.model_values);
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

}  // namespace tv2onnx::cli
