#include "quantize/precision_loss.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "tv2onnx/evaluate.h"

namespace tv2onnx {

namespace fs = std::filesystem;

CocoAnnotations annotations_of(const std::vector<fs::path>& photos, const fs::path& file) {
  CocoAnnotations all = read_coco_annotations(file, CocoKind::kBoxes);
  std::map<std::string, fs::path> by_name;
  for (const fs::path& photo : photos) by_name.emplace(photo.filename().string(), photo);
  std::set<std::int64_t> ids;
  std::erase_if(all.images, [&](CocoPhoto& image) {
    const auto photo = by_name.find(fs::path(image.file_name).filename().string());
    if (photo == by_name.end()) return true;
    image.file_name = fs::absolute(photo->second).string();
    ids.insert(image.id);
    return false;
  });
  std::erase_if(all.objects, [&](const CocoObject& one) { return !ids.contains(one.image); });
  if (!all.images.empty()) return all;
  throw Error(
      {.code = "U002",
       .found = fmt::format("none of {} to judge by is annotated", counted(photos.size(), "photo")),
       .where = {.file = file.string()},
       .expected = "annotations of the photos that are given, by their file names"});
}

CocoDifference precision_loss(const Detector& original, const Detector& quantised,
                              const CocoAnnotations& truth, const CallControl& control) {
  const AnnotatedOptions options{.class_names = original.contract().class_names,
                                 .control = control};
  const auto before = detect_annotated(original, truth, "", options);
  const auto after = detect_annotated(quantised, truth, "", options);
  return coco_difference(truth, before, after, CocoKind::kBoxes);
}

}  // namespace tv2onnx
