#pragma once
// Weights that lie in files beside the model.

#include <filesystem>

#include "onnx/model.h"

namespace tv2onnx {

/// Reads the initialisers that are in other files, so that the model is complete.
/// \throws Error C001 (a file is missing), C002 (it is too short), O002 (a place outside the folder
/// of the model, or a size that contradicts the shape).
void load_external_data(OnnxModel& model, const std::filesystem::path& folder);

/// The first tensor that lies in another file, nested graphs included; null if there is none.
const OnnxTensor* external_tensor(const OnnxGraph& graph);

}  // namespace tv2onnx
