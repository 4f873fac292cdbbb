#pragma once
/// \file
/// A segmentation model on image files, one after the other: which classes each shows and where,
/// drawn if asked for, and the report.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"
#include "tv2onnx/progress.h"
#include "tv2onnx/segmenter.h"

namespace TV2ONNX_API tv2onnx {

/// How much of an image a class takes.
struct ClassShare {
  std::int64_t label = 0;
  std::int64_t pixels = 0;
};

/// What one image shows, or why nothing was found out.
struct SegmentedImage {
  std::filesystem::path file;
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<ClassShare> classes = {};  ///< that occur, the largest first
  std::optional<Error> error = {};
};

struct SegmentOptions {
  ImageOptions image = {};                             ///< how images are read
  std::vector<std::string> class_names = {};           ///< by label
  std::vector<std::filesystem::path> pictures = {};    ///< where to draw each; empty: nowhere
  std::vector<std::filesystem::path> label_maps = {};  ///< where to put each as PNG; empty: nowhere
  bool overwrite = false;                              ///< what is written
  std::function<void(const SegmentedImage&)> segmented = {};  ///< called after each image
  CallControl control = {};
};

struct SegmentReport {
  std::string model;  ///< the file
  std::string architecture;
  std::vector<std::string> class_names;  ///< by label
  std::vector<SegmentedImage> images;

  std::size_t failed() const;  ///< images with an error
};

/// The classes of int32 [height, width] that occur, the largest first. \throws Error R006 for other
/// tensors.
std::vector<ClassShare> class_shares(const Tensor& labels);

/// Whether a class is what is left when all else is named: class 0, unless the names say otherwise.
bool is_background(const std::vector<std::string>& names, std::int64_t label);

/// Segments each image; the picture has every class but the background tinted, with a legend. An
/// error that concerns one image alone is part of the report. \throws Error any other, for example
/// O003 when the disk is full; X003.
SegmentReport segment(const Segmenter& segmenter, const std::vector<std::filesystem::path>& images,
                      const SegmentOptions& options = {});

std::string to_json(const SegmentReport& report);

/// The error of an image on one line, beginning with its code and the file.
std::string error_line(const SegmentedImage& image);

}  // namespace TV2ONNX_API tv2onnx
