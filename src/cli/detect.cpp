// tv2onnx detect MODEL.onnx INPUT...

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/class_names.h"
#include "cli/command.h"
#include "cli/detect_inputs.h"
#include "cli/detect_job.h"
#include "cli/detect_options.h"
#include "cli/detect_report.h"
#include "cli/paths.h"
#include "cli/progress.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kSomeFailed = 3;

/// The names of --class-names, fitted to those of the model: with or without the background.
std::vector<std::string> names_for(const std::string& file, const DetectorContract& contract) {
  if (file.empty()) return contract.class_names;
  std::vector<std::string> names = read_class_names(file);
  const std::size_t known = contract.class_names.size();
  const bool complete =
      known == 0 ? names[0].find("background") != std::string::npos : names.size() == known;
  if (!complete) names.insert(names.begin(), "__background__");
  if (known == 0 || names.size() == known) return names;
  throw Error({.code = "U002",
               .found = fmt::format("the file has {} class name{}, the model {} classes",
                                    names.size() - 1, names.size() == 2 ? "" : "s", known - 1),
               .where = {.file = file},
               .expected = fmt::format("{}, or {} with the background first", known - 1, known)});
}

std::string size_of(const DetectorContract& contract) {
  const auto text = [](std::int64_t number) {
    return number < 0 ? std::string("any") : std::to_string(number);
  };
  return fmt::format("batch {}, height {}, width {}", text(contract.size[0]),
                     text(contract.size[2]), text(contract.size[3]));
}

void print_contract(const Detector& detector, const std::string& library) {
  const DetectorContract& contract = detector.contract();
  const auto [path, version] = find_runtime(library);
  const auto& outputs = detector.session().outputs();
  fmt::print(stderr, "runtime: ONNX Runtime {} ({})\n", version, path);
  fmt::print(stderr, "contract: from {}\n", contract.origin);
  fmt::print(
      stderr, "  input   {} {}; {}\n",
      contract.input == DetectorContract::Input::kUint8 ? "uint8 NHWC 0..255" : "float32 NCHW 0..1",
      contract.bgr ? "BGR" : "RGB", size_of(contract));
  if (contract.output == DetectorContract::Output::kRaw) {
    fmt::print(stderr,
               "  output  raw outputs of the heads; images are resized, boxes decoded here\n");
    return;
  }
  fmt::print(stderr, "  output  boxes '{}', labels '{}', scores '{}'; {}\n",
             printable(outputs[contract.boxes].name), printable(outputs[contract.labels].name),
             printable(outputs[contract.scores].name),
             contract.output == DetectorContract::Output::kBatched ? "batched" : "one list");
  if (contract.masks) {
    fmt::print(stderr, "          masks '{}'\n", printable(outputs[*contract.masks].name));
  }
  if (contract.keypoints) {
    fmt::print(stderr, "          keypoints '{}', their scores '{}'\n",
               printable(outputs[*contract.keypoints].name),
               printable(outputs[*contract.keypoints_scores].name));
  }
}

void print_result(const DetectJob& job, std::size_t index, const ImageResult& result,
                  std::size_t width) {
  if (job.pictures.empty()) {
    fmt::print("{}", table_lines(result, job.names, width));
  } else {
    fmt::print("{}  {}\n", printable(job.pictures[index].string(), 4096),
               summary_of(result, job.names));
  }
}

std::vector<ImageResult> detect_all(const Detector& detector, const DetectJob& job, bool print,
                                    const Invocation& invocation) {
  std::size_t width = 5;
  for (const fs::path& image : job.images) {
    width = std::max(width, printable(image.string(), 4096).size());
  }
  if (print && job.pictures.empty()) fmt::print("{}", table_heading(job.names, width));
  std::vector<ImageResult> results;
  std::set<std::string> hints;
  Progress progress(job.images.size(), invocation.quiet);
  for (std::size_t k = 0; k < job.images.size(); ++k) {
    progress.begin(job.images[k].string());
    const ImageResult& result = results.emplace_back(detect_in(detector, job, k));
    if (!result.error && !print) continue;
    progress.hide();
    if (result.error) {
      fmt::print(stderr, "{}\n", error_line(result));
      hints.insert(result.error->parts().hint);
    } else {
      print_result(job, k, result, width);
    }
  }
  progress.hide();
  for (const std::string& hint : hints) {
    if (!hint.empty()) fmt::print(stderr, "hint: {}\n", hint);
  }
  return results;
}

int run_detect(const DetectOptions& options, const Invocation& invocation) {
  const auto start = std::chrono::steady_clock::now();
  if (options.json == "-" && options.coco == "-") {
    throw Error({.code = "U003", .found = "--json - and --coco - both claim stdout"});
  }
  require_file_name(options.folder, "-o", "drawn");
  DetectJob job = options.job;
  job.images = collect_images(options.inputs, options.recursive);
  const std::vector<std::int64_t> ids = coco_image_ids(job.images, options.coco_images);
  const Detector detector = open_detector(options.model, options.session);
  if (invocation.verbose) print_contract(detector, options.session.library);
  job.names = names_for(options.class_names_file, detector.contract());
  if (!options.folder.empty()) {
    job.pictures = plan_pictures(job.images, options.folder, job.overwrite);
  }
  Answer json(options.json, job.overwrite);
  Answer coco(options.coco, job.overwrite);
  const bool print = !json.to_stdout() && !coco.to_stdout() &&
                     (!job.pictures.empty() || (!json.wanted() && !coco.wanted()));
  const std::vector<ImageResult> results = detect_all(detector, job, print, invocation);
  if (json.wanted()) json.write(as_json(results, detector, job.names, job.score));
  if (coco.wanted()) coco.write(coco_results(coco_images(results, ids)));
  const auto failed =
      std::ranges::count_if(results, [](const auto& r) { return r.error.has_value(); });
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  if (failed > 0) fmt::print(stderr, "{} of {} images failed\n", failed, results.size());
  if (invocation.verbose) {
    fmt::print(stderr, "{} images, {:.2f} s\n", results.size(), seconds.count());
  }
  return failed > 0 ? kSomeFailed : 0;
}

}  // namespace

void add_detect(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("detect", "run a detector on images");
  auto options = std::make_shared<DetectOptions>();
  add_detect_options(*command, *options);
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return run_detect(*options, invocation); };
  });
}

}  // namespace tv2onnx::cli
