#pragma once
// What tells one checkpoint from another.

#include <string>

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// XXH3-128 of the file, 32 hexadecimal digits: `tv2onnx.checkpoint_xxh3` of exported files. Of a
/// checkpoint that is no file, of the names, types, shapes and bytes of its tensors.
std::string fingerprint(const Checkpoint& checkpoint);

}  // namespace tv2onnx
