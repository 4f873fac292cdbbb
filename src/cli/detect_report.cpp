#include "cli/detect_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace tv2onnx::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPathLimit = 4096;
constexpr std::size_t kNameLimit = 60;

/// The float's own shortest digits: 0.98, not 0.9800000190734863.
double short_number(float value) {
  return std::strtod(fmt::format("{}", value).c_str(), nullptr);
}

/// On one line; what is no UTF-8 in a path becomes the replacement character.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// A list with one item on each line.
std::string lines(const std::vector<std::string>& items, std::string_view indent) {
  if (items.empty()) return "[]";
  return fmt::format("[\n{0}  {1}\n{0}]", indent, fmt::join(items, fmt::format(",\n{}  ", indent)));
}

/// The name, safe for a terminal.
std::string shown_name(const std::vector<std::string>& names, std::int64_t label) {
  return printable(class_name(names, label), kNameLimit);
}

std::size_t name_width(const std::vector<std::string>& names) {
  std::size_t width = 8;
  for (std::size_t k = 0; k < names.size(); ++k) {
    width = std::max(width, shown_name(names, static_cast<std::int64_t>(k)).size());
  }
  return width;
}

Json detection_json(const ImageResult& result, std::size_t k,
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

Json coco_json(const ImageResult& result, std::size_t k, std::int64_t image_id) {
  const Detection& detection = result.detections[k];
  const auto& [x1, y1, x2, y2] = detection.box;
  Json json{
      {"image_id", image_id},
      {"category_id", detection.label},
      {"bbox", {short_number(x1), short_number(y1), short_number(x2 - x1), short_number(y2 - y1)}},
      {"score", short_number(detection.score)}};
  if (!result.segmentations.empty()) {
    json["segmentation"] = segmentation_json(result.segmentations[k]);
  }
  for (const Keypoint& point : detection.keypoints) {
    for (const float value : {point.x, point.y, point.visibility}) {
      json["keypoints"].push_back(short_number(value));
    }
  }
  return json;
}

std::string image_json(const ImageResult& result, const std::vector<std::string>& names) {
  const std::string file = dump(result.file.string());
  if (result.error) {
    const Json error{{"code", result.error->code().name()}, {"message", error_line(result)}};
    return fmt::format(R"({{"file":{},"error":{}}})", file, dump(error));
  }
  std::vector<std::string> detections;
  for (std::size_t k = 0; k < result.detections.size(); ++k) {
    detections.push_back(dump(detection_json(result, k, names)));
  }
  return fmt::format(R"({{"file":{},"width":{},"height":{},"detections":{}}})", file, result.width,
                     result.height, lines(detections, "    "));
}

}  // namespace

std::string class_name(const std::vector<std::string>& names, std::int64_t label) {
  if (label < 0 || static_cast<std::size_t>(label) >= names.size()) {
    return fmt::format("class {}", label);
  }
  return names[static_cast<std::size_t>(label)];
}

std::string table_heading(const std::vector<std::string>& names, std::size_t file_width) {
  return fmt::format("{:<{}}  {:<{}}  SCORE       X1       Y1       X2       Y2\n", "IMAGE",
                     file_width, "LABEL", name_width(names));
}

std::string table_lines(const ImageResult& result, const std::vector<std::string>& names,
                        std::size_t file_width) {
  const std::string file = printable(result.file.string(), kPathLimit);
  if (result.detections.empty()) return fmt::format("{:<{}}  -\n", file, file_width);
  std::string lines;
  for (const Detection& detection : result.detections) {
    const auto& [x1, y1, x2, y2] = detection.box;
    lines += fmt::format("{:<{}}  {:<{}}  {:.3f} {:8.1f} {:8.1f} {:8.1f} {:8.1f}\n", file,
                         file_width, shown_name(names, detection.label), name_width(names),
                         detection.score, x1, y1, x2, y2);
  }
  return lines;
}

std::string error_line(const ImageResult& result) {
  const ErrorParts& parts = result.error->parts();
  std::string line = fmt::format("error[{}]: {}: {}", parts.code.name(),
                                 printable(result.file.string(), kPathLimit), parts.found);
  if (!parts.expected.empty()) line += "; expected " + parts.expected;
  for (const std::string& detail : parts.details) line += "; " + detail;
  std::ranges::replace(line, '\n', ' ');
  return line;
}

std::string as_json(const std::vector<ImageResult>& results, const Detector& detector,
                    const std::vector<std::string>& names, double score) {
  std::vector<std::string> images;
  for (const ImageResult& result : results) images.push_back(image_json(result, names));
  return fmt::format(
      "{{\n  \"model\":{},\n  \"architecture\":{},\n  \"score\":{},\n"
      "  \"images\":{}\n}}\n",
      dump(detector.session().file()), dump(detector.contract().architecture), score,
      lines(images, "  "));
}

std::string as_coco(const std::vector<ImageResult>& results, const std::vector<std::int64_t>& ids) {
  std::vector<std::string> list;
  for (std::size_t k = 0; k < results.size(); ++k) {
    for (std::size_t row = 0; row < results[k].detections.size(); ++row) {
      list.push_back(dump(coco_json(results[k], row, ids[k])));
    }
  }
  return lines(list, "") + "\n";
}

}  // namespace tv2onnx::cli
