#pragma once
// What torch.save writes since 1.6: a zip archive with
//   NAME/data.pkl      the object, tensors by reference
//   NAME/data/KEY      the bytes of storage KEY
//   NAME/byteorder     "little" or "big" (torch >= 2.1)
//   NAME/version

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// Reads `checkpoint.bytes()`. \throws Error.
void read_torch_zip(Checkpoint& checkpoint);

}  // namespace tv2onnx
