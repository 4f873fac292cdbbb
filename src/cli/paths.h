#pragma once
// Files that are named on the command line.

#include <string>

#include "tv2onnx/detector.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {

/// \throws Error U002 if `path` is "-": models and pictures do not go to stdout. `example` is a
/// name that would do.
void require_file_name(const std::string& path, const std::string& option,
                       const std::string& example);

/// Where a runtime refused the file or could not open it: what is found when it is read, if that is
/// an error. \throws Error as read_onnx_summary.
void say_more(const Error& refused, const std::string& path);

/// The detector in an ONNX file. What is no ONNX file (a checkpoint, a folder, a pointer of Git
/// LFS) is named, where the runtime knows only that it cannot parse it.
Detector open_detector(const std::string& path, const SessionOptions& options);

}  // namespace tv2onnx::cli
