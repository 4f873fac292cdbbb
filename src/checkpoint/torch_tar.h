#pragma once
// What torch.save wrote before 0.1.10: a tar archive of
//   sys_info   pickle: {"little_endian", ...}
//   storages   pickle: count; per storage pickle (key, location, class), int64 elements, elements;
//              pickle: [(key, root key, offset, elements), ...], views into storages
//   tensors    pickle: count; per tensor pickle (key, storage key, class), int32 rank, 4 bytes,
//              int64 sizes, int64 strides, int64 offset
//   pickle     the object, tensors by key

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// Reads `checkpoint.bytes()`. \throws Error.
void read_torch_tar(Checkpoint& checkpoint, const OpenOptions& options);

}  // namespace tv2onnx
