#pragma once
// Does a repaired file do what the original did where that worked, and more? Both are run on the
// same inputs.

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "onnx/model.h"
#include "tv2onnx/doctor.h"
#include "tv2onnx/error_code.h"

namespace tv2onnx::doctor {

/// A copy that repairs of the model do not reach.
OnnxModel copy_of(const OnnxModel& model);

/// The file before the repairs, and its graph.
struct Original {
  const std::filesystem::path& file;
  OnnxModel& model;
};

/// Runs both files. `repaired` are the codes that were mended: they say which differences are
/// meant, for images of which size. Of a file with an input guard the results for images of 0..255
/// must be those of the original for 0..1. \throws Error D102 if the repaired file fails where the
/// original did not, or gives other results without a reason; R001 (no runtime).
std::vector<ProofRow> prove(const Original& original, const std::filesystem::path& mended,
                            const std::set<ErrorCode>& repaired, const FixOptions& options);

}  // namespace tv2onnx::doctor
