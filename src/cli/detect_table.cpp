#include "cli/detect_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace tv2onnx::cli {
namespace {

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

}  // namespace

std::string table_heading(const std::vector<std::string>& names, std::size_t file_width) {
  return fmt::format("{:<{}}  {:<{}}  SCORE       X1       Y1       X2       Y2\n", "IMAGE",
                     file_width, "LABEL", name_width(names));
}

std::string table_lines(const FoundImage& result, const std::vector<std::string>& names,
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
