#pragma once
// What `tv2onnx detect` answers: a table, JSON, COCO results.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/segmentation.h"
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

/// The error on one line, beginning with its code and the file.
std::string error_line(const ImageResult& result);

std::string as_json(const std::vector<ImageResult>& results, const Detector& detector,
                    const std::vector<std::string>& names, double score);

/// The ids that COCO results give the images: those of an annotation file if there is one, else the
/// numbers that are the names of the files if all of them are, else 1, 2, 3, ...
/// \throws Error C001, U005, U002 (an image that the annotations do not have).
std::vector<std::int64_t> coco_ids(const std::vector<std::filesystem::path>& images,
                                   const std::string& annotations);

/// COCO's result format: a list of {image_id, category_id, bbox [x, y, width, height], score}, with
/// segmentation or keypoints [x, y, visibility, x, ...] where the model has them. The category is
/// the label.
std::string as_coco(const std::vector<ImageResult>& results, const std::vector<std::int64_t>& ids);

}  // namespace tv2onnx::cli
