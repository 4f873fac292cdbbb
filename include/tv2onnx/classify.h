#pragma once
/// \file
/// A classifier on image files, or one of clips on folders of frames, one after the other: the best
/// classes of each, drawn if asked for, and the report.

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
#include "tv2onnx/video_classifier.h"

namespace TV2ONNX_API tv2onnx {

/// What one image or clip shows, or why nothing was found out.
struct ClassifiedImage {
  std::filesystem::path file;  ///< of a clip its folder
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::vector<ScoredClass> best = {};  ///< best first
  std::optional<Error> error = {};
  std::size_t frames = 0;  ///< of clips: how many the model got
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
  bool clips = false;  ///< they are clips

  std::size_t failed() const;  ///< images with an error
};

/// Classifies each image and writes the best class on it. An error that concerns one image alone is
/// part of the report. \throws Error any other, for example O003 when the disk is full; X003.
ClassifyReport classify(const Classifier& classifier,
                        const std::vector<std::filesystem::path>& images,
                        const ClassifyOptions& options = {});

/// A clip as files: a folder with one image for each frame.
struct Clip {
  std::filesystem::path folder;
  std::vector<std::filesystem::path> frames;  ///< in their order
};

/// So many frames of a clip, spread evenly over it: the middles of as many equal parts. All of
/// them, if it has no more.
std::vector<std::filesystem::path> spread_frames(const Clip& clip, std::size_t count);

/// Frames of one size as uint8 [time, height, width, 3]. \throws Error R006 (of different sizes),
/// and as read_image.
Tensor read_frames(const std::vector<std::filesystem::path>& frames, const ImageOptions& options);

/// Classifies each clip, with all of its frames, and writes the best class on the frame in the
/// middle. \throws Error as classify().
ClassifyReport classify(const VideoClassifier& classifier, const std::vector<Clip>& clips,
                        const ClassifyOptions& options = {});

std::string to_json(const ClassifyReport& report);

/// The error of an image or a clip on one line, beginning with its code and the file that it is
/// about.
std::string error_line(const ClassifiedImage& image);

}  // namespace TV2ONNX_API tv2onnx
