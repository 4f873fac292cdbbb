#pragma once
// What `tv2onnx detect` prints.

#include <string>
#include <vector>

#include "tv2onnx/detect.h"

namespace tv2onnx::cli {

/// One line for each detection of an image, or one that says there is none. The first column is as
/// wide as `file_width`.
std::string table_lines(const FoundImage& result, const std::vector<std::string>& names,
                        std::size_t file_width);
std::string table_heading(const std::vector<std::string>& names, std::size_t file_width);

/// "3 circle, 1 star" or "nothing found".
std::string summary_of(const FoundImage& result, const std::vector<std::string>& names);

}  // namespace tv2onnx::cli
