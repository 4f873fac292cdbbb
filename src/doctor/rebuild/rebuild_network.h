#pragma once
// The part of rebuild() that is for networks without detections.

#include <filesystem>
#include <string>
#include <vector>

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

/// Why nothing proves that a rebuilt file is right.
inline constexpr const char* kNotCompared =
    "the original cannot be run, so nothing could be compared";
/// \throws Error D112: nothing was compared, and the user does not allow that. `rows` are what was
/// tried, `details` what was said before.
[[noreturn]] void refuse_unproven(const std::vector<ProofRow>& rows,
                                  std::vector<std::string> details);

}  // namespace tv2onnx::doctor
