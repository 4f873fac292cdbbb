#pragma once
// What `tv2onnx detect` answers: a table, JSON.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tv2onnx/coco.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {

/// What was found in one image, or why nothing was looked for.
struct ImageResult {
  std::filesystem::path file;
  std::int64_t width = 0;
  std::int64_t height = 0;
  Detections detections;                    ///< without their masks, which are large
  std::vector<Segmentation> segmentations;  ///< one for each detection if the model has masks
  std::optional<Error> error;
};

/// "dog", or "class 3" where no name is known.
std::string class_name(const std::vector<std::string>& names, std::int64_t label);

/// One line for each detection of an image, or one that says there is none. The first column is as
/// wide as `file_width`.
std::string table_lines(const ImageResult& result, const std::vector<std::string>& names,
                        std::size_t file_width);
std::string table_heading(const std::vector<std::string>& names, std::size_t file_width);

/// "3 circle, 1 star" or "nothing found".
std::string summary_of(const ImageResult& result, const std::vector<std::string>& names);

/// The error on one line, beginning with its code and the file.
std::string error_line(const ImageResult& result);

std::string as_json(const std::vector<ImageResult>& results, const Detector& detector,
                    const std::vector<std::string>& names, double score);

/// The results as COCO takes them; images that failed have no detections, and so no row.
std::vector<CocoImage> coco_images(const std::vector<ImageResult>& results,
                                   const std::vector<std::int64_t>& ids);

}  // namespace tv2onnx::cli
