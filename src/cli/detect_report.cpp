#include "cli/detect_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/text.h"
#include "coco/segmentation.h"

namespace tv2onnx::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kPathLimit = 4096;
constexpr std::size_t kNameLimit = 60;

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

std::string image_json(const ImageResult& result, const std::vector<std::string>& names) {
  const std::string file = json_line(result.file.string());
  if (result.error) {
    const Json error{{"code", result.error->code()}, {"message", error_line(result)}};
    return fmt::format(R"({{"file":{},"error":{}}})", file, json_line(error));
  }
  std::vector<std::string> detections;
  for (std::size_t k = 0; k < result.detections.size(); ++k) {
    detections.push_back(json_line(detection_json(result, k, names)));
  }
  return fmt::format(R"({{"file":{},"width":{},"height":{},"detections":{}}})", file, result.width,
                     result.height, json_list(detections, "    "));
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
  std::string line = fmt::format("error[{}]: {}: {}", parts.code,
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
      json_line(detector.session().file()), json_line(detector.contract().architecture), score,
      json_list(images, "  "));
}

std::string summary_of(const ImageResult& result, const std::vector<std::string>& names) {
  std::vector<std::pair<std::int64_t, int>> counts;
  for (const Detection& detection : result.detections) {
    const auto known =
        std::ranges::find(counts, detection.label, &decltype(counts)::value_type::first);
    if (known != counts.end()) {
      ++known->second;
    } else {
      counts.emplace_back(detection.label, 1);
    }
  }
  std::string text;
  for (const auto& [label, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count,
                        printable(class_name(names, label)));
  }
  return text.empty() ? "nothing found" : text;
}

std::vector<CocoImage> coco_images(const std::vector<ImageResult>& results,
                                   const std::vector<std::int64_t>& ids) {
  std::vector<CocoImage> images;
  for (std::size_t k = 0; k < results.size(); ++k) {
    images.push_back({ids[k], results[k].detections, results[k].segmentations});
  }
  return images;
}

}  // namespace tv2onnx::cli
