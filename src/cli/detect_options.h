#pragma once
// The command line of tv2onnx detect.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

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
  bool recursive = false;
  SessionOptions session;
};

void add_detect_options(CLI::App& command, DetectFlags& options);

}  // namespace tv2onnx::cli
