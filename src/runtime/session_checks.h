#pragma once
// What is checked before ONNX Runtime gets to see it.

#include <filesystem>
#include <string>

#include "onnx/model.h"

namespace tv2onnx {

/// The file and those that it names, before the runtime opens them: it would wait for a pipe,
/// follow paths out of the folder, and say less. What is no model at all is left to it.
/// \throws Error C001, C002, O002.
void require_sound_file(const std::filesystem::path& path);

/// The folder of a model in memory would be the one that the process happens to be in.
/// \throws Error R008.
void require_no_external_data(const OnnxModel& model, const std::string& name);

/// \throws Error U002: negative, or more than can be meant.
void require_possible_threads(int threads);

}  // namespace tv2onnx
