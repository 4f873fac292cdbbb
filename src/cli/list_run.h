#pragma once
// tv2onnx predict MODEL.onnx --list FILES --shard I/N -o DIR: one shard of a long list.

#include "cli/detect_options.h"

namespace tv2onnx::cli {

/// Adds --list, --shard and --part-size, and says that either a list or inputs are needed.
void add_list_options(Command& command, DetectFlags& options);

/// Does the shard as far as it is not done; returns the exit code.
int run_list(const DetectFlags& options, const Invocation& invocation);

}  // namespace tv2onnx::cli
