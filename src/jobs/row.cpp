#include "jobs/row.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using RowJson = nlohmann::json;

/// JSON has no number for what is not finite.
float real(const RowJson& json) {
  return json.is_null() ? std::numeric_limits<float>::quiet_NaN() : json.get<float>();
}

Detection detection_of(const RowJson& json) {
  Detection detection;
  for (std::size_t k = 0; k < 4; ++k) detection.box[k] = real(json.at("box").at(k));
  detection.label = json.at("label").get<std::int64_t>();
  detection.score = real(json.at("score"));
  const auto points = json.find("keypoints");
  if (points == json.end()) return detection;
  for (const RowJson& point : *points) {
    Keypoint& one = detection.keypoints.emplace_back();
    one.x = real(point.at(0));
    one.y = real(point.at(1));
    one.visibility = real(point.at(2));
  }
  return detection;
}

Segmentation row_segmentation(const RowJson& json) {
  Segmentation segmentation{{}, json.at("area").get<std::int64_t>()};
  const RowJson& mask = json.at("mask");
  if (mask.is_array()) {
    segmentation.form = mask.get<std::vector<Polygon>>();
  } else {
    segmentation.form =
        CocoRle{mask.at("size").get<ImageSize>(), mask.at("counts").get<std::string>()};
  }
  return segmentation;
}

}  // namespace

DetectionRow read_detection_row(std::string_view row, const std::filesystem::path& folder) {
  DetectionRow read;
  try {
    const RowJson json = RowJson::parse(row);
    if (const auto error = json.find("error"); error != json.end()) {
      read.error = error->at("message").get<std::string>();
      return read;
    }
    for (const RowJson& detection : json.at("detections")) {
      read.detections.push_back(detection_of(detection));
      if (detection.contains("mask")) read.segmentations.push_back(row_segmentation(detection));
    }
  } catch (const RowJson::exception&) {
    throw Error({.code = "J001",
                 .found = "a row that is not one of a detector",
                 .where = {.file = folder.string()},
                 .hint = "rows of other models: --jsonl"});
  }
  return read;
}

std::string error_in_row(std::string_view row) {
  // The rows of millions of images are not taken apart for that.
  constexpr std::string_view kKey = R"(,"error":{"code":)";
  if (row.find(kKey) == std::string_view::npos) return "";
  const RowJson json = RowJson::parse(row, nullptr, false);
  if (json.is_discarded() || !json.contains("error")) return "";
  return json["error"].value("message", "unknown");
}

}  // namespace tv2onnx
