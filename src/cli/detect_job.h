#pragma once
// One image after the other: read, detect, draw.

#include <filesystem>
#include <string>
#include <vector>

#include "cli/detect_report.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/image.h"

namespace tv2onnx::cli {

struct DetectJob {
  std::vector<std::filesystem::path> images;
  std::vector<std::filesystem::path> pictures;  ///< where to draw each; empty: nowhere
  bool overwrite = false;                       ///< the pictures
  std::vector<std::string> names;               ///< of the classes, by label
  double score = 0.5;                           ///< detections below are dropped
  double mask_threshold = 0.5;                  ///< pixels with a probability above it are inside
  MaskFormat mask_format = MaskFormat::kRle;
  ImageOptions image;
};

/// What is in the image, drawn if the job says so. An error that concerns this image alone is part
/// of the result. \throws Error any other, for example O003 when the disk is full.
ImageResult detect_in(const Detector& detector, const DetectJob& job, std::size_t index);

}  // namespace tv2onnx::cli
