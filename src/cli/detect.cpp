// tv2onnx predict MODEL.onnx INPUT..., of detectors; detect is the same command.

#include <fmt/format.h>

#include <memory>

#include "base/longest_shown.h"
#include "base/stopwatch.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/class_names.h"
#include "cli/command.h"
#include "cli/detect_inputs.h"
#include "cli/detect_options.h"
#include "cli/detect_table.h"
#include "cli/list_run.h"
#include "cli/listing.h"
#include "cli/paths.h"
#include "cli/print.h"
#include "cli/video.h"
#include "tv2onnx/coco.h"
#include "tv2onnx/detect.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

std::string size_of(const Contract& contract) {
  const auto text = [](std::int64_t number) {
    return number < 0 ? std::string("any") : std::to_string(number);
  };
  const ImageSize size = contract.only_size().value_or(ImageSize{-1, -1});
  return fmt::format("batch {}, height {}, width {}", text(contract.input.batch()), text(size[0]),
                     text(size[1]));
}

void print_contract(const Detector& detector, const std::string& library) {
  const Contract& contract = detector.contract();
  const auto [path, version] = find_runtime(library);
  const auto& outputs = detector.session().outputs();
  print_log("runtime: ONNX Runtime {} ({})\n", printable(version), printable(path, kLongestShown));
  print_log("contract: from {}\n", contract.origin);
  print_log("  input   {} {}; {}\n",
            contract.input.bytes() ? "uint8 NHWC 0..255" : "float32 NCHW 0..1",
            contract.input.order == ChannelOrder::kBgr ? "BGR" : "RGB", size_of(contract));
  const DetectionOutputs& meaning = contract.outputs;
  if (meaning.form == DetectionOutputs::Form::kRaw) {
    print_log("  output  raw outputs of the heads; images are resized, boxes decoded here\n");
    return;
  }
  print_log("  output  boxes '{}', labels '{}', scores '{}'; {}\n",
            printable(outputs[meaning.boxes].name), printable(outputs[meaning.labels].name),
            printable(outputs[meaning.scores].name),
            meaning.form == DetectionOutputs::Form::kBatched ? "batched" : "one list");
  if (meaning.masks) {
    print_log("          masks '{}'\n", printable(outputs[*meaning.masks].name));
  }
  if (meaning.keypoints) {
    print_log("          keypoints '{}', their scores '{}'\n",
              printable(outputs[*meaning.keypoints].name),
              printable(outputs[*meaning.keypoints_scores].name));
  }
}

/// Runs the detector; prints what it finds if `print`, and errors in any case.
DetectReport detect_all(const Detector& detector, const std::vector<fs::path>& images,
                        DetectOptions options, bool print, const Invocation& invocation) {
  const std::size_t width = path_width(images, 5);
  const bool table = options.pictures.empty();
  Listing listing(images.size(), print, invocation);
  if (table) listing.row(table_heading(options.class_names, width));
  std::size_t done = 0;
  options.control.progress = [&](const Step& step) { listing.begin(step.name); };
  options.found = [&](const FoundImage& image) {
    const std::size_t index = done++;
    listing.show(image, [&] {
      return table ? table_lines(image, options.class_names, width)
                   : fmt::format("{}  {}\n", shown_path(options.pictures[index]),
                                 summary_of(image, options.class_names));
    });
  };
  DetectReport report = detect(detector, images, options);
  listing.end();
  return report;
}

}  // namespace

int run_detect(const DetectFlags& options, const Invocation& invocation) {
  if (!options.list.empty()) return run_list(options, invocation);
  if (is_video_run(options)) return run_video(options, invocation, Task::kDetection);
  const Stopwatch watch;
  if (options.json == "-" && options.coco == "-") {
    throw Error({.code = "U003", .found = "--json - and --coco - both claim stdout"});
  }
  require_file_name(options.folder, "-o", "drawn");
  DetectOptions core = options.core;
  const Images collected = collect_images(options.inputs, options.recursive);
  const std::vector<fs::path>& images = collected.files;
  const std::vector<std::int64_t> ids = coco_image_ids(images, options.coco_images);
  const Detector detector(options.model, options.session);
  if (invocation.verbose) print_contract(detector, options.session.library);
  core.class_names = detector_class_names(options.class_names_file, detector.contract());
  if (!options.folder.empty()) {
    core.pictures = plan_pictures(images, options.folder, core.overwrite);
  }
  require_other_file(options.json, options.coco, core.pictures);
  require_other_file(options.coco, "", core.pictures);
  Answer json(options.json, core.overwrite);
  Answer coco(options.coco, core.overwrite);
  const bool print = !json.to_stdout() && !coco.to_stdout() &&
                     (!core.pictures.empty() || (!json.wanted() && !coco.wanted()));
  const DetectReport report = detect_all(detector, images, core, print, invocation);
  if (json.wanted()) json.write(to_json(report));
  if (coco.wanted()) coco.write(coco_results(coco_images(report, ids)));
  const int code = finished(report.failed(), images.size(), "images", collected.problems);
  if (invocation.verbose) print_log("{} images, {:.2f} s\n", images.size(), watch.seconds());
  return code;
}

void add_detect(Command& program, Invocation& invocation) {
  Command* command = program.add_subcommand("detect", "run a detector on images");
  auto options = std::make_shared<DetectFlags>();
  add_detect_options(*command, *options);
  command->run = [options, &invocation] { return run_detect(*options, invocation); };
}

}  // namespace tv2onnx::cli
