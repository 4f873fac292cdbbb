#pragma once
// The part of rebuild() that is for networks without detections.

#include <filesystem>

#include "onnx/model.h"
#include "tv2onnx/doctor.h"

namespace tv2onnx::doctor {

/// A foreign file and what was recovered from it.
struct ForeignNetwork {
  std::filesystem::path file;
  OnnxModel& model;
  const Checkpoint& checkpoint;
  const Model& row;
};

/// Exports it anew in the form that the file has, compares both, and writes what the user wants.
/// \throws Error as rebuild()
Rebuilt rebuild_network(const ForeignNetwork& network, const std::filesystem::path& out,
                        const RebuildOptions& options);

}  // namespace tv2onnx::doctor
