#pragma once
// What a row of a run says.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/coco.h"
#include "tv2onnx/detection.h"

namespace tv2onnx {

/// A row of a detector, as found_row() wrote it: the same floats again.
struct DetectionRow {
  std::string error;  ///< why there is nothing; "": there is no error
  Detections detections;
  std::vector<Segmentation> segmentations;
};

/// \throws Error J001, for example if it is the row of a classifier.
DetectionRow read_detection_row(std::string_view row, const std::filesystem::path& folder);

/// The message of a row that is an error, else "". \throws Error J001.
std::string error_in_row(std::string_view row, const std::filesystem::path& folder);

}  // namespace tv2onnx
