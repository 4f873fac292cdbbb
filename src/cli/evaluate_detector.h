#pragma once
// tv2onnx evaluate --coco ANNOTATIONS.json: of detectors and of stored results.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/evaluate_text.h"
#include "tv2onnx/average_precision.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/progress.h"

namespace tv2onnx::cli {

inline constexpr ModeNames<CocoKind, 3> kCocoKinds{{{"boxes", CocoKind::kBoxes},
                                                    {"masks", CocoKind::kMasks},
                                                    {"keypoints", CocoKind::kKeypoints}}};

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
  std::vector<std::string> class_names;  ///< of the caller, instead of the file
  CocoKind kind = CocoKind::kBoxes;
  SessionOptions session;
  bool json = false;
};

/// What is told on the way.
struct EvaluationEvents {
  CallControl control = {};                             ///< told each image
  std::function<void(const std::string&)> failed = {};  ///< told each image with an error
  std::function<void(const std::string&)> note = {};    ///< told what is worth knowing
};

/// Writes the pictures that the options name.
Evaluated evaluate_detector(const DetectorEvaluation& options, const EvaluationEvents& events);

/// Returns the exit code.
int run_evaluate_detector(const DetectorEvaluation& options, const Invocation& invocation);

}  // namespace tv2onnx::cli
