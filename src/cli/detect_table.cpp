#include "cli/detect_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/listing.h"

namespace tv2onnx::cli {

std::string table_heading(const std::vector<std::string>& names, std::size_t file_width) {
  return fmt::format("{:<{}}  {:<{}}  SCORE       X1       Y1       X2       Y2\n", "IMAGE",
                     file_width, "LABEL", class_width(names));
}

std::string table_lines(const FoundImage& result, const std::vector<std::string>& names,
                        std::size_t file_width) {
  const std::string file = shown_path(result.file);
  if (result.detections.empty()) return fmt::format("{:<{}}  -\n", file, file_width);
  std::string lines;
  for (const Detection& detection : result.detections) {
    const auto& [x1, y1, x2, y2] = detection.box;
    lines += fmt::format("{:<{}}  {:<{}}  {:.3f} {:8.1f} {:8.1f} {:8.1f} {:8.1f}\n", file,
                         file_width, shown_class(names, detection.label), class_width(names),
                         detection.score, x1, y1, x2, y2);
  }
  return lines;
}

std::string summary_of(const FoundImage& result, const std::vector<std::string>& names) {
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

}  // namespace tv2onnx::cli
