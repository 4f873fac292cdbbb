#pragma once
// The command line of tv2onnx detect.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/detect_job.h"

namespace tv2onnx::cli {

struct DetectOptions {
  std::string model;
  std::vector<std::string> inputs;
  std::string folder;
  std::string json;
  std::string coco;
  std::string coco_images;
  std::string class_names_file;
  DetectJob job;
  bool recursive = false;
  SessionOptions session;
};

void add_detect_options(CLI::App& command, DetectOptions& options);

}  // namespace tv2onnx::cli
