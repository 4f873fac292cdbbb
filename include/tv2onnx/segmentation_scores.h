#pragma once
/// \file
/// How well a segmentation model agrees with label maps of photos: intersection over union and
/// accuracy, counted as in torchvision's references/segmentation.
///
///     const auto photos = labelled_photos("val/photos", "val/labels");
///     const SegmentationScores scores = evaluate(Segmenter("street.onnx"), photos);
///     fmt::print("{}", to_json(scores, {}));

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/image.h"
#include "tv2onnx/progress.h"
#include "tv2onnx/segmenter.h"

namespace TV2ONNX_API tv2onnx {

struct LabelledPhoto {
  std::filesystem::path photo;
  std::filesystem::path labels;  ///< read_label_map() reads it
};

struct LabelledPhotos {
  std::vector<LabelledPhoto> photos;
  std::size_t unlabelled = 0;  ///< photos without label map, which are left out
};

/// Photos and label maps of two folders, by their paths in them without the ending.
/// \throws Error I005 (a folder without such files), U002 (label maps without photo, or two photos
/// for one).
LabelledPhotos labelled_photos(const std::filesystem::path& photos,
                               const std::filesystem::path& labels);

struct SegmentationOptions {
  /// false: each pixel of a photo counts. true: each of the photo as the network gets it counts,
  /// and label maps are resized likewise, as Pillow does it with NEAREST: what torchvision's script
  /// does. For files that give logits.
  bool resized = false;
  ImageOptions image = {.ignore_exif = true};  ///< label maps are of pixels as they are stored
  CallControl control = {};                    ///< told each photo
};

/// Pixels of a class.
struct ClassPixels {
  std::int64_t label = 0;
  std::uint64_t annotated = 0;
  std::uint64_t found = 0;  ///< where a class is annotated
  std::uint64_t both = 0;

  std::optional<double> iou() const;       ///< none if it occurs nowhere
  std::optional<double> accuracy() const;  ///< none if it is not annotated
};

struct SegmentationScores {
  std::string model;  ///< the file
  std::size_t images = 0;
  std::vector<ClassPixels> classes;   ///< all of the model, or all that occur
  std::vector<std::string> failures;  ///< photos that could not be read or run, one line each

  std::uint64_t pixels() const;                 ///< that count
  std::optional<double> accuracy() const;       ///< share of pixels with their class
  std::optional<double> mean_accuracy() const;  ///< over the classes that are annotated
  std::optional<double> mean_iou() const;       ///< over the classes that occur
};

/// Pixels with the number 255 do not count, unless that is a class of the model. \throws Error U002
/// (a class that the model does not have), U003 (resized, of a file without logits), and others
/// than what concerns one photo; X003 (cancelled).
SegmentationScores evaluate(const Segmenter& segmenter, const std::vector<LabelledPhoto>& photos,
                            const SegmentationOptions& options = {});

/// \param names of the classes; empty: "class 3"
std::string to_json(const SegmentationScores& scores, const std::vector<std::string>& names);

}  // namespace TV2ONNX_API tv2onnx
