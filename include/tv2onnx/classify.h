#pragma once
/// \file
/// A classifier on image files, one after the other: the best classes of each, drawn if asked for,
/// and the report.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/classifier.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"
#include "tv2onnx/progress.h"

namespace TV2ONNX_API tv2onnx {

/// What one image shows, or why nothing was found out.
struct ClassifiedImage {
  std::filesystem::path file;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<ScoredClass> best;  ///< best first
  std::optional<Error> error;
};

struct ClassifyOptions {
  std::size_t top = 5;                               ///< at most so many classes of each image
  ImageOptions image = {};                           ///< how images are read
  std::vector<std::string> class_names = {};         ///< by label
  std::vector<std::filesystem::path> pictures = {};  ///< where to draw each; empty: nowhere
  bool overwrite = false;                            ///< the pictures
  std::function<void(const ClassifiedImage&)> classified = {};  ///< called after each image
  CallControl control = {};
};

struct ClassifyReport {
  std::string model;  ///< the file
  std::string architecture;
  std::string assumption;                ///< Classifier::assumption()
  std::vector<std::string> class_names;  ///< by label
  std::vector<ClassifiedImage> images;

  std::size_t failed() const;  ///< images with an error
};

/// Classifies each image and writes the best class on it. An error that concerns one image alone is
/// part of the report. \throws Error any other, for example O003 when the disk is full; X003.
ClassifyReport classify(const Classifier& classifier,
                        const std::vector<std::filesystem::path>& images,
                        const ClassifyOptions& options = {});

std::string to_json(const ClassifyReport& report);

}  // namespace TV2ONNX_API tv2onnx
