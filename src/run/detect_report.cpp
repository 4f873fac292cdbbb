#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "coco/segmentation.h"
#include "run/each_image.h"
#include "run/rows.h"
#include "tv2onnx/detect.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::ordered_json;

Json detection_json(const FoundImage& result, std::size_t k,
                    const std::vector<std::string>& names) {
  const Detection& detection = result.detections[k];
  Json box = Json::array();
  for (const float corner : detection.box) box.push_back(short_number(corner));
  Json json{{"class", class_name(names, detection.label)},
            {"label", detection.label},
            {"score", short_number(detection.score)},
            {"box", box}};
  if (!result.segmentations.empty()) {
    json["mask"] = segmentation_json(result.segmentations[k]);
    json["area"] = result.segmentations[k].area;
  }
  if (detection.keypoints.empty()) return json;
  for (const Keypoint& point : detection.keypoints) {
    json["keypoints"].push_back(
        {short_number(point.x), short_number(point.y), short_number(point.visibility)});
    json["keypoints_scores"].push_back(short_number(point.score));
  }
  return json;
}

/// \param list how the detections are put together
std::string image_json(const FoundImage& result, const std::vector<std::string>& names,
                       std::string (*list)(const std::vector<std::string>&)) {
  const std::string file = json_line(result.file.string());
  if (result.error) {
    return fmt::format(R"({{"file":{},"error":{}}})", file,
                       json_line(error_json(result.file, *result.error)));
  }
  return fmt::format(R"({{"file":{},"width":{},"height":{},"detections":{}}})", file, result.width,
                     result.height, list(detection_rows(result, names)));
}

}  // namespace

std::vector<std::string> detection_rows(const FoundImage& image,
                                        const std::vector<std::string>& names) {
  std::vector<std::string> rows;
  for (std::size_t k = 0; k < image.detections.size(); ++k) {
    rows.push_back(json_line(detection_json(image, k, names)));
  }
  return rows;
}

std::string found_row(const FoundImage& image, const std::vector<std::string>& names) {
  return image_json(image, names, [](const std::vector<std::string>& rows) {
    return fmt::format("[{}]", fmt::join(rows, ","));
  });
}

std::size_t DetectReport::failed() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      images, [](const FoundImage& image) { return image.error.has_value(); }));
}

std::string class_name(const std::vector<std::string>& names, std::int64_t label) {
  if (label < 0 || static_cast<std::size_t>(label) >= names.size()) {
    return fmt::format("class {}", label);
  }
  return names[static_cast<std::size_t>(label)];
}

std::string error_line(const FoundImage& result) {
  return error_line(result.file, *result.error);
}

std::string to_json(const DetectReport& report) {
  std::vector<std::string> images;
  for (const FoundImage& image : report.images) {
    images.push_back(
        image_json(image, report.class_names,
                   [](const std::vector<std::string>& rows) { return json_list(rows, "    "); }));
  }
  return fmt::format(
      "{{\n  \"model\":{},\n  \"architecture\":{},\n  \"score\":{},\n"
      "  \"images\":{}\n}}\n",
      json_line(report.model), json_line(report.architecture), report.score,
      json_list(images, "  "));
}

std::vector<CocoImage> coco_images(const DetectReport& report,
                                   const std::vector<std::int64_t>& ids) {
  if (ids.size() != report.images.size()) {
    throw Error({.code = "R006",
                 .found = fmt::format("{} numbers for {} images", ids.size(), report.images.size()),
                 .expected = "one for each image"});
  }
  std::vector<CocoImage> images;
  for (std::size_t k = 0; k < report.images.size(); ++k) {
    images.push_back({ids[k], report.images[k].detections, report.images[k].segmentations});
  }
  return images;
}

}  // namespace tv2onnx
