#pragma once
// A foreign file as a checkpoint, so that everything that works with checkpoints works with it:
// weights under torchvision's keys, settings as a whole-module checkpoint states them.

#include <filesystem>
#include <string>

#include "onnx/model.h"
#include "tv2onnx/checkpoint.h"

namespace tv2onnx::doctor {

inline constexpr const char* kFromCheckpoint = "export from the checkpoint with tv2onnx export";

/// "pytorch 1.13.0, opset 11"
std::string producer_text(const OnnxModel& model);

/// Without what only the file says. The result shows bytes of the model, whose weights are in
/// memory. \throws Error D110 (no network of torchvision, or quantised), D111 (layers that have no
/// place).
Checkpoint recover(OnnxModel& model);

/// The result shows bytes of the model, which gets its external weights, and must not outlive it.
/// \throws Error as above, and as load_external_data.
Checkpoint recover(OnnxModel& model, const std::filesystem::path& path);

}  // namespace tv2onnx::doctor
