#pragma once
// Tells the format of a file from its content, never from its name.

#include <span>

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// \throws Error C003 for what is no checkpoint, and says what it is if that can be told.
CheckpointFormat sniff(std::span<const std::byte> bytes);

}  // namespace tv2onnx
