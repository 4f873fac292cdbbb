#include "jobs/row.h"

#include <limits>

#include "tv2onnx/error.h"
#include "tv2onnx/setting.h"

namespace tv2onnx {
namespace {

[[noreturn]] void refuse_row() {
  throw Error({.code = "J001",
               .found = "a row that is not one of a detector",
               .hint = "rows of other models: --jsonl"});
}

/// The value, or it is no row.
template <typename Value>
const Value& needed(const Value* value) {
  if (value == nullptr) refuse_row();
  return *value;
}

const Setting& member(const Setting& dict, std::string_view key) {
  return needed(dict.find(key));
}

const SettingList& items(const Setting& list, std::size_t least) {
  const SettingList& values = needed(list.list());
  if (values.size() < least) refuse_row();
  return values;
}

/// JSON has no number for what is not finite.
float real(const Setting& value) {
  if (value.is_none()) return std::numeric_limits<float>::quiet_NaN();
  double number = 0;
  if (!value.number(number)) refuse_row();
  return static_cast<float>(number);
}

Detection detection_of(const Setting& row) {
  Detection detection;
  const SettingList& box = items(member(row, "box"), 4);
  for (std::size_t k = 0; k < 4; ++k) detection.box[k] = real(box[k]);
  detection.label = needed(member(row, "label").integer());
  detection.score = real(member(row, "score"));
  const Setting* points = row.find("keypoints");
  if (points == nullptr) return detection;
  for (const Setting& point : items(*points, 0)) {
    const SettingList& values = items(point, 3);
    detection.keypoints.push_back({real(values[0]), real(values[1]), real(values[2])});
  }
  return detection;
}

Polygon polygon_of(const Setting& row) {
  Polygon polygon;
  for (const Setting& value : items(row, 0)) polygon.push_back(needed(value.integer()));
  return polygon;
}

Segmentation row_segmentation(const Setting& row) {
  Segmentation segmentation{{}, needed(member(row, "area").integer())};
  const Setting& mask = member(row, "mask");
  if (mask.list() == nullptr) {
    const SettingList& size = items(member(mask, "size"), 2);
    segmentation.form = CocoRle{{needed(size[0].integer()), needed(size[1].integer())},
                                needed(member(mask, "counts").string())};
    return segmentation;
  }
  std::vector<Polygon> polygons;
  for (const Setting& polygon : *mask.list()) polygons.push_back(polygon_of(polygon));
  segmentation.form = std::move(polygons);
  return segmentation;
}

DetectionRow read_row(const Setting& row) {
  DetectionRow read;
  if (const Setting* error = row.find("error"); error != nullptr) {
    read.error = needed(member(*error, "message").string());
    return read;
  }
  for (const Setting& detection : items(member(row, "detections"), 0)) {
    read.detections.push_back(detection_of(detection));
    if (detection.find("mask") != nullptr) {
      read.segmentations.push_back(row_segmentation(detection));
    }
  }
  return read;
}

Setting parse_row(std::string_view row, const std::filesystem::path& folder) {
  try {
    return parse_json(row);
  } catch (const Error& error) {
    throw Error({.code = "J001",
                 .found = "a row that is no JSON",
                 .where = {.file = folder.string()},
                 .details = {error.what()},
                 .hint = "remove the part that has it and run its shard again"});
  }
}

}  // namespace

DetectionRow read_detection_row(std::string_view row, const std::filesystem::path& folder) {
  const Setting parsed = parse_row(row, folder);
  try {
    return read_row(parsed);
  } catch (const Error& error) {
    throw error.in_file(folder.string());
  }
}

std::string error_in_row(std::string_view row, const std::filesystem::path& folder) {
  // The rows of millions of images are not taken apart for that.
  constexpr std::string_view kKey = R"(,"error":{"code":)";
  if (row.find(kKey) == std::string_view::npos) return "";
  const Setting parsed = parse_row(row, folder);
  const Setting* error = parsed.find("error");
  const Setting* message = error != nullptr ? error->find("message") : nullptr;
  return message != nullptr && message->string() != nullptr ? *message->string() : "";
}

}  // namespace tv2onnx
