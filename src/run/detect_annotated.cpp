// What a detector finds in annotated images.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "tv2onnx/coco.h"
#include "tv2onnx/detect.h"
#include "tv2onnx/error.h"
#include "tv2onnx/evaluate.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

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

}  // namespace

std::vector<fs::path> annotated_files(const CocoAnnotations& annotations, const fs::path& folder) {
  std::vector<fs::path> files;
  std::vector<std::string> missing;
  for (const CocoPhoto& photo : annotations.images) {
    files.push_back(folder / photo.file_name);
    std::error_code ignored;
    if (!fs::is_regular_file(files.back(), ignored)) missing.push_back(photo.file_name);
  }
  if (missing.empty()) return files;
  throw Error({.code = "U002",
               .found = fmt::format("{} of {} annotated images are not in the folder, the first is "
                                    "'{}'",
                                    missing.size(), files.size(), printable(missing[0])),
               .where = {.file = folder.string()},
               .expected = "the folder of the images that were annotated"});
}

std::vector<CocoObject> detect_annotated(const Detector& detector,
                                         const CocoAnnotations& annotations, const fs::path& folder,
                                         const AnnotatedOptions& options) {
  const std::vector<fs::path> files = annotated_files(annotations, folder);
  require_outputs_of(detector.contract(), options.kind);
  std::map<std::int64_t, std::int64_t> categories;
  if (!options.class_names.empty()) {
    categories = categories_by_label(options.class_names, annotations);
  }
  DetectOptions core{.score = 0, .image = {.ignore_exif = true}, .control = options.control};
  core.found = [&](const FoundImage& image) {
    if (image.error && options.failed) options.failed(error_line(image));
  };
  DetectReport report = detect(detector, files, core);
  if (!options.class_names.empty()) rename_labels(report, categories);
  std::vector<std::int64_t> ids;
  for (const CocoPhoto& photo : annotations.images) ids.push_back(photo.id);
  return parse_coco_results(coco_results(coco_images(report, ids)), annotations, options.kind);
}

}  // namespace tv2onnx
