#pragma once
// What an exported file says about itself.

#include <string>
#include <vector>

#include "onnx/model.h"
#include "tv2onnx/export.h"

namespace tv2onnx {

/// The names by label: as given, else as the checkpoint says, else those of torchvision's own
/// weights if their number fits. \throws Error U002 if the number of those given does not fit.
std::vector<std::string> class_names(const ExportOptions& options, const Checkpoint& checkpoint,
                                     const Model& model, std::int64_t classes);

/// Metadata of the file; `fingerprint` is the checkpoint's.
void describe(OnnxModel& onnx, const std::string& fingerprint, const Checkpoint& checkpoint,
              const Config& config, const Model& model, const ExportOptions& options,
              const std::vector<std::string>& names, const std::vector<std::string>& assumed);

}  // namespace tv2onnx
