#pragma once
// The two kinds of files that tv2onnx inspect shows.

#include <string>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx::cli {

struct InspectOptions {
  std::string file;
  std::string prefix;
  bool tensors = false;  ///< list all
  bool json = false;
};

void show_checkpoint(const Checkpoint& checkpoint, const InspectOptions& options);
void show_onnx(const OnnxSummary& summary, const InspectOptions& options);

}  // namespace tv2onnx::cli
