#pragma once
// Opening a file of which nothing is known yet.

#include <filesystem>

#include "tv2onnx/runtime.h"

namespace tv2onnx {

/// What is no ONNX file (a checkpoint, a folder, a pointer of Git LFS) is named, where the runtime
/// knows only that it cannot parse it; what would take all memory while it is loaded is not loaded.
/// \throws Error as Session, O001, O002.
Session open_session(const std::filesystem::path& path, const SessionOptions& options);

}  // namespace tv2onnx
