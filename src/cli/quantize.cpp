// tv2onnx quantize MODEL.onnx IMAGES -o OUT.onnx

#include "tv2onnx/quantize.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/longest_shown.h"
#include "base/text.h"
#include "cli/choice.h"
#include "cli/command.h"
#include "cli/detect_inputs.h"
#include "cli/paths.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/session_options.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

struct Options {
  std::string model;
  std::vector<std::string> images;
  std::string output;
  Precision precision = Precision::kFloat32;
  bool recursive = false;
  bool json = false;
  int weight_bits = 0;
  QuantizeOptions core;
};

std::string costs_text(const std::vector<LayerCost>& costs) {
  if (costs.empty()) return "";
  std::vector<std::vector<std::string>> rows{{"CONVOLUTION", "OWN dB", "TOTAL dB"}};
  for (const LayerCost& cost : costs) {
    rows.push_back(
        {cost.layer, fmt::format("{:.1f}", cost.own), fmt::format("{:.1f}", cost.total)});
  }
  return table_text(std::move(rows));
}

std::string text_of(const QuantizeReport& report) {
  const double size =
      static_cast<double>(report.bytes_before) / static_cast<double>(report.bytes_after);
  std::string text = fmt::format(
      "{}  {} convolutions and {} fully connected layers in int8, weights of {} bits\n"
      "size   {} -> {}, {:.2f} times smaller\n"
      "speed  {:.2f} times as fast ({})\n"
      "kept   {:.1f} %: {} of {} {}{}\n"
      "       calibrated on {}, judged by {} others\n",
      printable(report.output, kLongestShown), report.convolutions, report.layers,
      report.weight_bits, size_text(report.bytes_before), size_text(report.bytes_after), size,
      report.speed, report.machine, 100 * report.share_kept(), report.kept, report.confident,
      report.things, report.task == Task::kDetection ? fmt::format("; {} new", report.added) : "",
      counted(report.calibrated, "photo"), report.judged);
  if (report.precision) {
    const CocoDifference& ap = *report.precision;
    text += fmt::format(
        "AP     {:.2f} -> {:.2f}, {:+.2f} ({:+.2f} to {:+.2f} in 95 % of {} draws of the images)\n",
        100 * ap.first, 100 * ap.second, 100 * (ap.second - ap.first), 100 * ap.low, 100 * ap.high,
        ap.rounds);
  }
  text += costs_text(report.costs);
  if (!report.fault().empty()) text += fmt::format("NOT WORTH IT: {}\n", report.fault());
  return text;
}

int run_conversion(const Options& options, const Invocation& invocation) {
  if (!options.images.empty() || options.json) {
    throw Error({.code = "U003",
                 .found = "images or --json, and nothing is measured",
                 .where = {.item = "--precision"},
                 .hint = "leave them out: nothing is calibrated"});
  }
  std::string note;
  const WriteReport written =
      convert_weights(options.model, options.precision, options.output, options.core.write, note);
  if (!note.empty() && !invocation.quiet) print_log("note: {}\n", note);
  print_answer("{}  {}  {}\n", printable(options.output, kLongestShown),
               size_text(written.model_bytes + written.data_bytes),
               mode_name(kPrecisions, options.precision));
  return 0;
}

int run_quantize(Options options, const Invocation& invocation) {
  require_file_name(options.output, "-o", "OUT.onnx");
  if (options.precision != Precision::kFloat32) return run_conversion(options, invocation);
  if (options.weight_bits != 0) options.core.weight_bits = options.weight_bits;
  const Images images =
      options.images.empty() ? Images{} : collect_images(options.images, options.recursive);
  for (const Error& problem : images.problems) throw Error(problem);
  Progress progress(images.files.size(), invocation.quiet);
  options.core.control.progress = [&](const Step& step) { progress.begin(step.name); };
  const QuantizeReport report = quantize(options.model, images.files, options.output, options.core);
  progress.hide();
  print_answer("{}", options.json ? to_json(report) + "\n" : text_of(report));
  return report.fault().empty() ? 0 : 1;
}

}  // namespace

void add_quantize(Command& program, Invocation& invocation) {
  Command* command = program.add_subcommand(
      "quantize", "make a file smaller and faster, and measure what that costs");
  auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->model, "ONNX file")->required();
  command->add_option("IMAGES", options->images,
                      "photos like those that the model will see, at least 4, and folders");
  command->add_option("-o,--output", options->output, "ONNX file to write")
      ->required()
      ->type_name("OUT.onnx");
  command->add_flag("-f,--force", options->core.write.overwrite, "overwrite the output");
  command->add_flag("--recursive", options->recursive, "also images in folders of folders");
  add_choice<Recipe>(*command, "--recipe", options->core.recipe, kRecipes,
                     "which layers become int8: auto: all, but no convolutions of a backbone with "
                     "depthwise ones or of a transformer; head: fully connected ones (of detectors "
                     "the box head's) only; all");
  add_choice<Precision>(
      *command, "--precision", options->precision, kPrecisions,
      "of any file and without photos: fp16-weights, int8-weights: weights are only "
      "stored so; fp16: layers compute in float16, for GPU and NPU");
  command
      ->add_option("--weight-bits", options->weight_bits,
                   "8, or 7 for processors without VNNI (default: as this one needs it)")
      ->type_name("N")
      ->range(7, 8);
  command
      ->add_option_function(
          "--coco", [options](const std::string& file) { options->core.annotations = file; },
          "of detectors: AP before and after, on the annotated photos that are not calibrated on")
      ->type_name("ANNOTATIONS.json");
  command->add_flag("--explain", options->core.explain,
                    "how far each 8-bit convolution is from the original");
  add_session_options(*command, options->core.session);
  command->add_flag("--json", options->json, "report as JSON");
  command->footer(
      "tv2onnx quantize pets.onnx photos -o pets-int8.onnx\n"
      "tv2onnx quantize pets.onnx photos -o pets-int8.onnx --coco pets.json --explain\n"
      "tv2onnx quantize pets.onnx --precision fp16-weights -o pets-half.onnx");
  command->run = [options, &invocation] { return run_quantize(*options, invocation); };
}

}  // namespace tv2onnx::cli
