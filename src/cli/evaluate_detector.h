#pragma once
// tv2onnx evaluate --coco ANNOTATIONS.json: of detectors and of stored results.

#include <optional>
#include <string>

#include "cli/command.h"
#include "tv2onnx/average_precision.h"
#include "tv2onnx/detector.h"

namespace tv2onnx::cli {

struct DetectorEvaluation {
  std::string model;    ///< "": stored results
  std::string results;  ///< file of stored results; "": a model
  std::string annotations;
  std::string images;   ///< the folder
  std::string against;  ///< what it is compared with: of the same form; "": nothing
  std::string curve;    ///< picture of precision and recall; "": none
  std::string worst_folder;
  int worst = 0;  ///< images with most mistakes to be drawn
  bool confusion = false;
  bool overwrite = false;
  std::string class_names_file;
  CocoKind kind = CocoKind::kBoxes;
  SessionOptions session;
  bool json = false;
};

/// Returns the exit code.
int run_evaluate_detector(const DetectorEvaluation& options, const Invocation& invocation);

}  // namespace tv2onnx::cli
