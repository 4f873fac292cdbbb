#pragma once
// What a checkpoint cannot tell and an export therefore assumes, in words.

#include <string>
#include <vector>

#include "tv2onnx/export.h"

namespace tv2onnx {

std::vector<std::string> export_notes(const Checkpoint& checkpoint, const Recognition& guess,
                                      const Model& model, const Config& config,
                                      const ExportOptions& options);

}  // namespace tv2onnx
