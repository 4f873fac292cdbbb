#pragma once
/// \file
/// How often a classifier is right about photos whose classes are known, and what a detector finds
/// in annotated ones; tv2onnx/average_precision.h says what that is worth.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/average_precision.h"
#include "tv2onnx/classifier.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/image.h"
#include "tv2onnx/progress.h"

namespace TV2ONNX_API tv2onnx {

struct LabelledImage {
  std::filesystem::path file;
  std::int64_t label = 0;
};

/// Photos with their classes, and how the classes were told.
struct LabelledImages {
  std::vector<LabelledImage> images;
  std::string rule;  ///< "folders are named as the classes"
};

/// Of a folder with one folder for each class, which is called as the class, or, if none is and
/// their number fits, stands for the classes in the order of their names, as in torchvision's
/// ImageFolder; or of a text file with a path and a class (name or number) on each line. \param
/// names of the classes; empty: not known \param classes their number; 0: not known \throws Error
/// C001 (cannot be read), I005 (no images), U002 (folders or lines that are no class).
LabelledImages labelled_images(const std::filesystem::path& source,
                               const std::vector<std::string>& names, std::int64_t classes);

struct EvaluateOptions {
  ImageOptions image = {.ignore_exif = true};  ///< as PIL.Image.open, which PyTorch users call
  CallControl control = {};                    ///< told each image
};

struct EvaluateReport {
  std::string model;  ///< the file
  std::size_t images = 0;
  std::size_t top1 = 0;               ///< images whose best class is right
  std::size_t top5 = 0;               ///< whose class is among the best five
  std::vector<std::string> failures;  ///< images that could not be read or run, one line each
};

/// \throws Error other than what concerns one image; X003 (cancelled).
EvaluateReport evaluate(const Classifier& classifier, const std::vector<LabelledImage>& images,
                        const EvaluateOptions& options = {});

std::string to_json(const EvaluateReport& report);

struct AnnotatedOptions {
  CocoKind kind = CocoKind::kBoxes;
  /// By label; categories are known by them. Empty: labels are the ids of categories.
  std::vector<std::string> class_names = {};
  std::function<void(const std::string& line)> failed = {};  ///< told each image with an error
  CallControl control = {};                                  ///< told each image
};

/// What a detector finds in the annotated images, as results of their categories. Images that fail
/// have none. Pixels are taken as they are stored, as annotations are of those.
/// \throws Error U002 (annotated images that are not in the folder, categories that are no class of
/// the model or two of one name), U003 (no such outputs), other than what concerns one image; X003.
std::vector<CocoObject> detect_annotated(const Detector& detector,
                                         const CocoAnnotations& annotations,
                                         const std::filesystem::path& folder,
                                         const AnnotatedOptions& options);

/// The annotated images in a folder, in the order of the annotations. \throws Error U002 if it
/// lacks one: an image that was not looked at would count as one without results.
std::vector<std::filesystem::path> annotated_files(const CocoAnnotations& annotations,
                                                   const std::filesystem::path& folder);

}  // namespace TV2ONNX_API tv2onnx
