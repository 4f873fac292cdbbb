#pragma once
/// \file
/// How often a classifier is right about photos whose classes are known.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tv2onnx/api.h"
#include "tv2onnx/classifier.h"
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

}  // namespace TV2ONNX_API tv2onnx
