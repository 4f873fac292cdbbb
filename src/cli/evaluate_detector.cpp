#include "cli/evaluate_detector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "base/text.h"
#include "cli/class_names.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "tv2onnx/detect.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

/// The annotated images in the folder. \throws Error U002 if it lacks one: an image that was not
/// looked at would count as one without results.
std::vector<fs::path> annotated_files(const CocoAnnotations& annotations,
                                      const std::string& folder) {
  std::vector<fs::path> files;
  std::vector<std::string> missing;
  for (const CocoPhoto& photo : annotations.images) {
    files.push_back(fs::path(folder) / photo.file_name);
    std::error_code ignored;
    if (!fs::is_regular_file(files.back(), ignored)) missing.push_back(photo.file_name);
  }
  if (missing.empty()) return files;
  throw Error({.code = "U002",
               .found = fmt::format("{} of {} annotated images are not in the folder, the first is "
                                    "'{}'",
                                    missing.size(), files.size(), printable(missing[0])),
               .where = {.file = folder},
               .expected = "the folder of the images that were annotated"});
}

/// The category of each label, by the names of both. Without names labels are categories.
std::map<std::int64_t, std::int64_t> categories_by_label(const std::vector<std::string>& names,
                                                         const CocoAnnotations& annotations) {
  std::map<std::int64_t, std::int64_t> categories;
  std::vector<std::string> unknown;
  for (const CocoCategory& category : annotations.categories) {
    const auto place = std::ranges::find(names, category.name);
    if (place == names.end()) {
      unknown.push_back(category.name);
    } else if (!categories.emplace(place - names.begin(), category.id).second) {
      throw Error(
          {.code = "U002",
           .found = fmt::format("two categories of the name '{}'", printable(category.name)),
           .expected = "one category for each class of the model"});
    }
  }
  if (unknown.empty()) return categories;
  throw Error(
      {.code = "U002",
       .found = fmt::format("{} of {} categories of the annotations are no class of the "
                            "model, the first is '{}'",
                            unknown.size(), annotations.categories.size(), printable(unknown[0])),
       .expected = "a class for each category",
       .hint = "--class-names FILE.txt gives the model's classes the annotations' names"});
}

/// Puts the category in the place of each label; what is of no category is dropped.
void rename_labels(DetectReport& report, const std::map<std::int64_t, std::int64_t>& categories) {
  for (FoundImage& image : report.images) {
    FoundImage kept = image;
    kept.detections.clear();
    kept.segmentations.clear();
    for (std::size_t k = 0; k < image.detections.size(); ++k) {
      const auto category = categories.find(image.detections[k].label);
      if (category == categories.end()) continue;
      kept.detections.push_back(image.detections[k]);
      kept.detections.back().label = category->second;
      if (!image.segmentations.empty()) kept.segmentations.push_back(image.segmentations[k]);
    }
    image = std::move(kept);
  }
}

void require_outputs_of(const Contract& contract, CocoKind kind) {
  const bool has = kind == CocoKind::kBoxes ||
                   (kind == CocoKind::kMasks ? contract.outputs.masks.has_value()
                                             : contract.outputs.keypoints.has_value());
  if (has) return;
  throw Error({.code = "U003",
               .found = fmt::format("the model has no {}",
                                    kind == CocoKind::kMasks ? "masks" : "keypoints"),
               .where = {.item = "--kind"}});
}

/// What the model finds in the annotated images, in COCO's form.
std::string found_in_images(const DetectorEvaluation& options, const CocoAnnotations& annotations,
                            std::size_t& failed, const Invocation& invocation) {
  const std::vector<fs::path> files = annotated_files(annotations, options.images);
  const Detector detector(options.model, options.session);
  require_outputs_of(detector.contract(), options.kind);
  const std::vector<std::string> names =
      detector_class_names(options.class_names_file, detector.contract());
  std::map<std::int64_t, std::int64_t> categories;
  if (!names.empty()) categories = categories_by_label(names, annotations);
  // Annotations are of pixels as they are stored.
  DetectOptions core{.score = 0, .image = {.ignore_exif = true}};
  Progress progress(files.size(), invocation.quiet);
  core.control.progress = [&](const Step& step) { progress.begin(step.name); };
  core.found = [&](const FoundImage& image) {
    if (!image.error) return;
    progress.hide();
    print_log("{}\n", printable(error_line(image), 9000));
  };
  DetectReport report = detect(detector, files, core);
  progress.hide();
  failed = report.failed();
  if (names.empty()) {
    if (!invocation.quiet) print_log("note: labels of the model are taken as ids of categories\n");
  } else {
    rename_labels(report, categories);
  }
  std::vector<std::int64_t> ids;
  for (const CocoPhoto& photo : annotations.images) ids.push_back(photo.id);
  return coco_results(coco_images(report, ids));
}

std::string percent_or_dash(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}", 100 * *value) : "-";
}

std::string table_of_scores(const CocoScores& scores) {
  std::string text =
      fmt::format("{}, {}, {}\n\n", counted(scores.images, "image"),
                  counted(scores.objects, "object"), counted(scores.results, "result"));
  for (const CocoFigure& figure : scores.figures) {
    text += fmt::format("{:<6} {:>7}\n", figure.name, percent_or_dash(figure.value));
  }
  std::vector<std::vector<std::string>> rows{{"CATEGORY", "OBJECTS", "AP", "AP50", "AR"}};
  for (const CocoCategoryScores& one : scores.categories) {
    rows.push_back({one.category.name.empty() ? std::to_string(one.category.id) : one.category.name,
                    std::to_string(one.objects), percent_or_dash(one.ap), percent_or_dash(one.ap50),
                    percent_or_dash(one.ar)});
  }
  return text + "\n" + table_text(std::move(rows));
}

}  // namespace

int run_evaluate_detector(const DetectorEvaluation& options, const Invocation& invocation) {
  const CocoAnnotations annotations = read_coco_annotations(options.annotations, options.kind);
  std::size_t failed = 0;
  const std::vector<CocoObject> results =
      options.results.empty()
          ? parse_coco_results(found_in_images(options, annotations, failed, invocation),
                               annotations, options.kind)
          : read_coco_results(options.results, annotations, options.kind);
  const CocoScores scores = coco_scores(annotations, results, options.kind);
  if (scores.unknown > 0 && scores.unknown == scores.results) {
    throw Error({.code = "U002",
                 .found = "all results are of categories that the annotations do not have",
                 .where = {.file = options.annotations},
                 .expected = "annotations of the categories that were looked for"});
  }
  if (scores.unknown > 0 && !invocation.quiet) {
    print_log("note: {} of categories that the annotations do not have; not counted\n",
              counted(scores.unknown, "result"));
  }
  if (failed > 0) {
    print_log("{} of {} images failed; their objects count as not found\n", failed, scores.images);
  }
  print_answer("{}", options.json ? to_json(scores) : table_of_scores(scores));
  return failed > 0 ? kSomeFailed : 0;
}

}  // namespace tv2onnx::cli
