#pragma once
// The options of every command that runs a file.

#include "cli/options.h"
#include "tv2onnx/detector.h"

namespace tv2onnx::cli {

/// Adds --runtime, --threads, --provider and --provider-option.
void add_session_options(Command& command, SessionOptions& options);

}  // namespace tv2onnx::cli
