// tv2onnx detect MODEL.onnx INPUT...

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>

#include "base/output_file.h"
#include "base/text.h"
#include "cli/class_names.h"
#include "cli/command.h"
#include "cli/detect_inputs.h"
#include "cli/detect_job.h"
#include "cli/detect_report.h"
#include "cli/progress.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kSomeFailed = 3;

struct Options {
  std::string model;
  std::vector<std::string> inputs;
  std::string folder;
  std::string json;
  std::string coco;
  std::string coco_images;
  std::string class_names_file;
  DetectJob job;
  std::string mask_format = "rle";
  bool recursive = false;
  SessionOptions session;
};

/// An answer that goes to a file or, as "-", to stdout. The file is opened before the work begins.
class Answer {
 public:
  Answer(const std::string& path, bool overwrite) : to_stdout_(path == "-") {
    if (!path.empty() && !to_stdout_) file_.emplace(path, overwrite);
  }
  bool wanted() const { return to_stdout_ || file_; }
  bool to_stdout() const { return to_stdout_; }
  void write(const std::string& text) {
    if (to_stdout_) fmt::print("{}", text);
    if (!file_) return;
    file_->write(text);
    file_->commit();
  }

 private:
  bool to_stdout_;
  std::optional<OutputFile> file_;
};

/// The names of --class-names, fitted to those of the model: with or without the background.
std::vector<std::string> names_for(const std::string& file, const Contract& contract) {
  if (file.empty()) return contract.class_names;
  std::vector<std::string> names = read_class_names(file);
  const std::size_t known = contract.class_names.size();
  const bool complete =
      known == 0 ? names[0].find("background") != std::string::npos : names.size() == known;
  if (!complete) names.insert(names.begin(), "__background__");
  if (known == 0 || names.size() == known) return names;
  throw Error({.code = "U002",
               .found = fmt::format("{} class names", names.size() - 1),
               .where = {.file = file},
               .expected = fmt::format("{}, or {} with the background first", known - 1, known)});
}

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
  fmt::print(stderr, "runtime: ONNX Runtime {} ({})\n", version, path);
  fmt::print(stderr, "contract: from {}\n", contract.origin);
  fmt::print(stderr, "  input   {} {}; {}\n",
             contract.input.bytes() ? "uint8 NHWC 0..255" : "float32 NCHW 0..1",
             contract.input.order == ChannelOrder::kBgr ? "BGR" : "RGB", size_of(contract));
  const DetectionOutputs& meaning = contract.outputs;
  if (meaning.form == DetectionOutputs::Form::kRaw) {
    fmt::print(stderr, "  output  what the heads give; images are resized, boxes decoded here\n");
    return;
  }
  fmt::print(stderr, "  output  boxes '{}', labels '{}', scores '{}'; {}\n",
             printable(outputs[meaning.boxes].name), printable(outputs[meaning.labels].name),
             printable(outputs[meaning.scores].name),
             meaning.form == DetectionOutputs::Form::kBatched ? "batched" : "one list");
  if (meaning.masks) {
    fmt::print(stderr, "          masks '{}'\n", printable(outputs[*meaning.masks].name));
  }
  if (meaning.keypoints) {
    fmt::print(stderr, "          keypoints '{}', their scores '{}'\n",
               printable(outputs[*meaning.keypoints].name),
               printable(outputs[*meaning.keypoints_scores].name));
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

int run_detect(const Options& options, const Invocation& invocation) {
  const auto start = std::chrono::steady_clock::now();
  if (options.json == "-" && options.coco == "-") {
    throw Error({.code = "U003", .found = "--json - and --coco - both claim stdout"});
  }
  DetectJob job = options.job;
  job.mask_format = options.mask_format == "polygon" ? MaskFormat::kPolygon : MaskFormat::kRle;
  job.images = collect_images(options.inputs, options.recursive);
  const std::vector<std::int64_t> ids = coco_image_ids(job.images, options.coco_images);
  const Detector detector(options.model, options.session);
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
  CLI::App* command = app.add_subcommand("detect", "run an exported detector on images");
  auto options = std::make_shared<Options>();
  command->add_option("MODEL", options->model, "ONNX file of tv2onnx export or torch.onnx.export")
      ->required();
  command->add_option("INPUT", options->inputs, "JPEG, PNG, WebP or BMP files, or folders of them")
      ->required();
  command->add_option("-o,--output", options->folder,
                      "folder for pictures with the boxes, masks and keypoints drawn; names as the "
                      "inputs', .jpg for "
                      "JPEGs and .png for all others, _2, _3, ... where they collide");
  command->add_option("--json", options->json,
                      "write the detections as JSON to a file, or - for stdout");
  CLI::Option* coco = command->add_option(
      "--coco", options->coco,
      "the same as COCO results; image_id is the number that is the file's name if "
      "that holds for all, else 1, 2, 3, ...; - for stdout");
  command
      ->add_option("--coco-images", options->coco_images,
                   "COCO annotations that say the image_id of each file name")
      ->needs(coco);
  command->add_option("--score", options->job.score, "least score shown; the file has its own, too")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option("--mask-threshold", options->job.mask_threshold,
                   "a pixel belongs to the object if its probability is above")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option("--mask-format", options->mask_format,
                   "of masks in JSON. rle: COCO's compressed run lengths; polygon: outlines along "
                   "the edges of pixels, in which holes are lost")
      ->check(CLI::IsMember({"rle", "polygon"}))
      ->capture_default_str();
  command->add_option("--class-names", options->class_names_file,
                      "text file with one class name per line, instead of the model's own");
  command->add_flag("--recursive", options->recursive, "look into folders inside folders");
  command->add_flag(
      "--ignore-exif", options->job.image.ignore_exif,
      "pixels as stored, as PIL.Image.open gives them without ImageOps.exif_transpose; "
      "otherwise upright, as viewers and OpenCV show the photo");
  command->add_option("--runtime", options->session.library, "ONNX Runtime library to use");
  command->add_option("--threads", options->session.threads, "threads; 0: ONNX Runtime's choice")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_flag("-f,--force", options->job.overwrite, "overwrite outputs");
  command->callback([options, &invocation] {
    invocation.run = [options, &invocation] { return run_detect(*options, invocation); };
  });
}

}  // namespace tv2onnx::cli
