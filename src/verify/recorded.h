#pragma once
// A recorded reference in a file that is open.

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/reference.h"

namespace tv2onnx {

/// What read_reference() gives for the file. \throws Error V001, V002, U005.
Reference recorded_reference(const Checkpoint& file);

}  // namespace tv2onnx
