#pragma once
// Checkpoints in memory: what open_checkpoint does, without a file.

#include <memory>
#include <span>

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// Finds the format and reads it. `owner` keeps `bytes` alive. \throws Error without a file name.
Checkpoint read_checkpoint(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                           const OpenOptions& options = {});

}  // namespace tv2onnx
