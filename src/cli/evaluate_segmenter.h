#pragma once
// tv2onnx evaluate MODEL.onnx PHOTOS --labels FOLDER: of segmentation.

#include <string>

#include "cli/command.h"
#include "tv2onnx/segmenter.h"

namespace tv2onnx::cli {

struct SegmenterEvaluation {
  std::string labels;    ///< folder of the label maps; "": another task
  bool resized = false;  ///< SegmentationOptions::resized
};

struct SegmenterFiles {
  std::string model;
  std::string photos;
  std::string class_names_file;
  SessionOptions session;
  bool json = false;
};

/// Returns the exit code.
int run_evaluate_segmenter(const SegmenterEvaluation& options, const SegmenterFiles& files,
                           const Invocation& invocation);

}  // namespace tv2onnx::cli
