#pragma once
// What a checkpoint cannot tell and an export therefore assumes, in words.

#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/export.h"

namespace tv2onnx {

std::vector<std::string> export_notes(const Checkpoint& checkpoint, const Recognition& guess,
                                      const Model& model, const Config& config,
                                      const ExportOptions& options, std::int64_t classes);

/// How the model was found in the file, and what beside it is not used.
std::vector<std::string> opening_notes(const Checkpoint& checkpoint);

/// Whether the option is one that a user must know to get PyTorch's results: image sizes, number of
/// proposals and detections, thresholds.
bool is_size_or_threshold(std::string_view option);

/// Values beside the weights that may be settings, where the model has another value by default.
std::vector<ExportReport::StatedSetting> unused_settings(const Checkpoint& checkpoint,
                                                         const Model& model, const Config& config);

/// Of those that is_size_or_threshold(), what neither the file nor the caller gives; empty for a
/// whole module.
std::vector<ExportReport::StatedSetting> assumed_settings(const Checkpoint& checkpoint,
                                                          const Model& model, const Config& config);

}  // namespace tv2onnx
