#pragma once
// The command line of tv2onnx predict and detect.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/options.h"
#include "tv2onnx/detect.h"

namespace tv2onnx::cli {

struct DetectFlags {
  std::string model;
  std::vector<std::string> inputs;
  std::string folder;
  std::string json;
  std::string coco;
  std::string coco_images;
  std::string class_names_file;
  DetectOptions core;
  std::optional<std::size_t> top;  ///< of classifiers
  bool recursive = false;
  SessionOptions session;
  std::vector<const Argument*> of_detectors = {};  ///< options that nothing else has
};

void add_detect_options(Command& command, DetectFlags& options);

/// Runs a detector as the flags say; returns the exit code.
int run_detect(const DetectFlags& options, const Invocation& invocation);
/// The same of a classifier.
int run_classify(const DetectFlags& options, const Invocation& invocation);

}  // namespace tv2onnx::cli
