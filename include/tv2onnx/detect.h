#pragma once
/// \file
/// A detector on image files, one after the other: what was found, drawn if asked for, and the
/// report.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/coco.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"
#include "tv2onnx/progress.h"

namespace TV2ONNX_API tv2onnx {

/// What was found in one image, or why nothing was looked for.
struct FoundImage {
  std::filesystem::path file;
  std::int64_t width = 0;
  std::int64_t height = 0;
  Detections detections;                    ///< without their masks, which are large
  std::vector<Segmentation> segmentations;  ///< one for each detection if the model has masks
  std::optional<Error> error;
};

struct DetectOptions {
  double score = 0.5;                                ///< detections below are dropped
  double mask_threshold = 0.5;                       ///< pixels with a probability above are inside
  MaskFormat mask_format = MaskFormat::kRle;         ///< of segmentations
  ImageOptions image = {};                           ///< how images are read
  std::vector<std::string> class_names = {};         ///< by label
  std::vector<std::filesystem::path> pictures = {};  ///< where to draw each; empty: nowhere
  bool overwrite = false;                            ///< the pictures
  std::function<void(const FoundImage&)> found = {};  ///< called after each image
  CallControl control = {};
};

struct DetectReport {
  std::string model;  ///< the file
  std::string architecture;
  double score = 0;
  std::vector<std::string> class_names;  ///< by label
  std::vector<FoundImage> images;

  std::size_t failed() const;  ///< images with an error
};

/// What a run gave for an image of a size, as reports have it: detections from the score on, masks
/// as segmentations; without a file.
FoundImage found_image(Detections detections, const ImageSize& size, const DetectOptions& options);

/// Detects in each image and draws what was found. An error that concerns one image alone is part
/// of the report. \throws Error any other, for example O003 when the disk is full; X003.
DetectReport detect(const Detector& detector, const std::vector<std::filesystem::path>& images,
                    const DetectOptions& options = {});

std::string to_json(const DetectReport& report);

/// The images as COCO takes them; those that failed have no detections, and so no row. They show
/// the report's.
std::vector<CocoImage> coco_images(const DetectReport& report,
                                   const std::vector<std::int64_t>& ids);

/// "dog", or "class 3" where no name is known.
std::string class_name(const std::vector<std::string>& names, std::int64_t label);

/// The error of an image on one line, beginning with its code and the file.
std::string error_line(const FoundImage& image);

}  // namespace TV2ONNX_API tv2onnx
