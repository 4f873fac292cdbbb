#pragma once
// The options of every command that runs a file.

#include "cli/options.h"
#include "tv2onnx/detector.h"

namespace tv2onnx::cli {

/// Adds --no-spinning.
void add_no_spinning(Command& command, bool& spinning);
/// Adds --runtime, --threads, --no-spinning, --provider and --provider-option.
void add_session_options(Command& command, SessionOptions& options);

}  // namespace tv2onnx::cli
