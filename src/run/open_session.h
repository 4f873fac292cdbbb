#pragma once
// Loading a file for runs, with errors that say what it is where it is none.

#include <filesystem>

#include "tv2onnx/runtime.h"

namespace tv2onnx {

/// \throws Error as Session; O001, O002 as read_onnx_summary.
Session open_session(const std::filesystem::path& path, const SessionOptions& options);

}  // namespace tv2onnx
