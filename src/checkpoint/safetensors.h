#pragma once
// safetensors: the length of a JSON header (uint64), the header, the data.
//
//   {"__metadata__": {"key": "text"}, "NAME": {"dtype": "F32", "shape": [2, 3],
//    "data_offsets": [begin, end]}, ...}
//
// Offsets count from the end of the header. The ranges cover the data without holes or overlaps.

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// Reads `checkpoint.bytes()`. \throws Error C007, C009.
void read_safetensors(Checkpoint& checkpoint, const OpenOptions& options);

}  // namespace tv2onnx
