#pragma once
// What torch.save writes since 1.6: a zip archive with
//   NAME/data.pkl      the object, tensors by reference
//   NAME/data/KEY      the bytes of storage KEY
//   NAME/byteorder     "little" or "big" (torch >= 2.1)
//   NAME/version

#include "checkpoint/zip.h"
#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// Reads `checkpoint.bytes()`. \throws Error.
void read_torch_zip(Checkpoint& checkpoint, const OpenOptions& options);

/// The same of an archive of torch.save or torch.jit.save that is open already.
void read_saved_zip(const ZipArchive& archive, const OpenOptions& options, Checkpoint& checkpoint);

}  // namespace tv2onnx
