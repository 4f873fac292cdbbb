#pragma once
// Files that are named on the command line.

#include <string>

namespace tv2onnx::cli {

/// \throws Error U002 if `path` is "-": models and pictures do not go to stdout. `example` is a
/// name that would do.
void require_file_name(const std::string& path, const std::string& option,
                       const std::string& example);

}  // namespace tv2onnx::cli
