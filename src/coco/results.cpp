// COCO's result format.

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "coco/result_lines.h"
#include "coco/segmentation.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Json = nlohmann::ordered_json;

Json coco_json(const CocoImage& image, std::size_t k) {
  const Detection& detection = image.detections[k];
  const auto& [x1, y1, x2, y2] = detection.box;
  Json json{
      {"image_id", image.id},
      {"category_id", detection.label},
      {"bbox", {short_number(x1), short_number(y1), short_number(x2 - x1), short_number(y2 - y1)}},
      {"score", short_number(detection.score)}};
  if (!image.segmentations.empty()) {
    json["segmentation"] = segmentation_json(image.segmentations[k]);
  }
  for (const Keypoint& point : detection.keypoints) {
    for (const float value : {point.x, point.y, point.visibility}) {
      json["keypoints"].push_back(short_number(value));
    }
  }
  return json;
}

void require_segmentations(const CocoImage& image) {
  const std::size_t count = image.segmentations.size();
  if (count == 0 || count == image.detections.size()) return;
  throw Error({.code = "R006",
               .found = fmt::format("{} segmentations for {} detections of image {}", count,
                                    image.detections.size(), image.id),
               .expected = "one for each detection, or none"});
}

}  // namespace

std::vector<std::string> coco_lines(const CocoImage& image) {
  require_segmentations(image);
  std::vector<std::string> lines;
  for (std::size_t k = 0; k < image.detections.size(); ++k) {
    lines.push_back(json_line(coco_json(image, k)));
  }
  return lines;
}

std::string coco_results(std::span<const CocoImage> images) {
  std::vector<std::string> list;
  for (const CocoImage& image : images) {
    for (std::string& line : coco_lines(image)) list.push_back(std::move(line));
  }
  return json_list(list, "") + "\n";
}

}  // namespace tv2onnx
