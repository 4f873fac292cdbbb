#pragma once
// tv2onnx doctor --run, --image: what happened when the file was run.

#include <string>
#include <vector>

#include "tv2onnx/doctor.h"

namespace tv2onnx::cli {

/// Runs the model on photos, or on built-in images if there are none.
Trial run_trial(const std::string& model, const std::vector<std::string>& photos);

/// `model` is the file, for commands that run as printed.
std::string trial_text(const Trial& trial, const std::string& model);

}  // namespace tv2onnx::cli
