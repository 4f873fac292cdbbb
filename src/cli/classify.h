#pragma once
// What tv2onnx predict does with classifiers, whether images are named or listed.

#include "cli/detect_options.h"
#include "tv2onnx/classify.h"

namespace tv2onnx::cli {

/// The flags as the library takes them. \throws Error C001, U002: another number of class names.
ClassifyOptions classify_options(const DetectFlags& options, const Classifier& classifier);
ClassifyOptions classify_options(const DetectFlags& options, const VideoClassifier& classifier);

}  // namespace tv2onnx::cli
