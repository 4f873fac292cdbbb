// tv2onnx export CHECKPOINT -o MODEL.onnx

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/class_names.h"
#include "cli/command.h"
#include "cli/image_size.h"
#include "cli/model_options.h"
#include "tv2onnx/error.h"
#include "tv2onnx/export.h"

namespace tv2onnx::cli {
namespace {

struct Options {
  std::string checkpoint;
  std::string output;
  std::string class_names_file;
  std::string config;
  std::string torchvision = to_text(TorchvisionVersion{});
  std::string size;
  std::map<std::string, std::string> model_values;
  ExportOptions core;
  bool json = false;
};

void print_json(const Options& options, const ExportReport& report, double seconds) {
  nlohmann::ordered_json answer{{"output", options.output},
                                {"architecture", report.arch},
                                {"ambiguity", report.guess.ambiguity},
                                {"notes", report.notes},
                                {"opset", options.core.opset},
                                {"nodes", report.nodes},
                                {"weights_used", report.weights_used},
                                {"weights_total", report.weights_total},
                                {"classes", report.classes},
                                {"bytes", report.written.model_bytes},
                                {"data_bytes", report.written.data_bytes},
                                {"seconds", seconds}};
  auto& settings = answer["settings"] = nlohmann::ordered_json::object();
  for (const auto& [name, value, origin] : report.settings) {
    settings[name] = {{"value", nlohmann::ordered_json::parse(value)}, {"origin", origin}};
  }
  fmt::print("{}\n", answer.dump(2));
}

void print_text(const Options& options, const ExportReport& report, double seconds) {
  fmt::print("{}  {}  opset {}  {} nodes  {}/{} weights  {}  {:.2f} s\n", options.output,
             size_text(report.written.model_bytes + report.written.data_bytes), options.core.opset,
             report.nodes, report.weights_used, report.weights_total,
             options.core.build.outputs == OutputMode::kRaw ? "all shapes fixed"
                                                            : "batch x height x width dynamic",
             seconds);
  fmt::print("{}, {} classes with background\n", report.arch, report.classes);
  for (const auto& [name, value, origin] : report.settings) {
    fmt::print("  {} = {}  ({})\n", name, value, origin);
  }
}

void print_log(const Options& options, const ExportReport& report, bool verbose) {
  for (const std::string& note : report.notes) fmt::print(stderr, "note: {}\n", note);
  if (verbose && options.core.arch == "auto") {
    fmt::print(stderr, "architecture: {}\n", fmt::join(report.guess.reasons, ", "));
  }
}

int run_export(Options options, const Invocation& invocation) {
  const auto start = std::chrono::steady_clock::now();
  options.core.build.torchvision = parse_torchvision_version(options.torchvision);
  if (!options.size.empty()) options.core.build.size = parse_size(options.size);
  if (!options.class_names_file.empty()) {
    options.core.class_names = read_class_names(options.class_names_file);
  }
  options.core.overrides = overrides_of(options.config, options.model_values);
  const Checkpoint checkpoint = open_checkpoint(options.checkpoint);
  const ExportReport report = export_onnx(checkpoint, options.output, options.core);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (!invocation.quiet) print_log(options, report, invocation.verbose);
  (options.json ? print_json : print_text)(options, report, seconds.count());
  return 0;
}

}  // namespace

void add_export(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("export", "write a checkpoint as an ONNX file");
  auto options = std::make_shared<Options>();
  ExportOptions& core = options->core;
  command->add_option("CHECKPOINT", options->checkpoint, "file of torch.save, or .safetensors")
      ->required();
  command->add_option("-o,--output", options->output, "ONNX file to write")->required();
  command->add_option("--arch", core.arch, "architecture, see tv2onnx models")
      ->capture_default_str();
  command->add_option("--weights", core.weights,
                      "official weights that the file holds, such as COCO_V1, if its name does not "
                      "say so: some run with another norm_eps");
  command->add_option("--opset", core.opset, "ONNX opset, 11 to 21")->capture_default_str();
  command
      ->add_option("--input", core.build.input,
                   "float: [batch,3,height,width] RGB 0..1; uint8: [batch,height,width,3] RGB "
                   "0..255; auto: float of either range")
      ->transform(CLI::CheckedTransformer(std::map<std::string, InputMode>{
          {"float", InputMode::kFloat}, {"uint8", InputMode::kUint8}, {"auto", InputMode::kAuto}}));
  command
      ->add_option("--outputs", core.build.outputs,
                   "batched: padded to the largest count; fixed: to box_detections_per_img; "
                   "flat: all in one list; raw: what the heads give, with fixed shapes")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, OutputMode>{{"batched", OutputMode::kBatched},
                                            {"fixed", OutputMode::kFixed},
                                            {"flat", OutputMode::kFlat},
                                            {"raw", OutputMode::kRaw}}));
  command->add_option("--size", options->size,
                      "with --outputs raw: HEIGHTxWIDTH of the input, such as 800x1344");
  command
      ->add_option("--masks", core.build.masks,
                   "roi: probabilities over each box; full: pasted into the image, hundreds of MB "
                   "for a batch; default: full with flat outputs, else roi")
      ->transform(CLI::CheckedTransformer(std::map<std::string, MaskOutput>{
          {"roi", MaskOutput::kRoi}, {"full", MaskOutput::kFull}}));
  command->add_flag("--bgr", core.build.bgr, "the input's channels are BGR");
  command
      ->add_option("--torchvision", options->torchvision,
                   "release whose image sizes are reproduced; they changed in 0.16")
      ->capture_default_str();
  command->add_option("--class-names", options->class_names_file,
                      "text file with one class name per line");
  command->add_option("--config", options->config, "JSON file with settings of the model");
  command->add_flag("--external-data", core.write.external_data,
                    "weights in a second file, MODEL.onnx.data");
  command->add_flag("-f,--force", core.write.overwrite, "overwrite the output");
  command->add_flag("--json", options->json, "report as JSON");
  add_model_options(*command, options->model_values);
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return run_export(*options, invocation); };
  });
}

}  // namespace tv2onnx::cli
