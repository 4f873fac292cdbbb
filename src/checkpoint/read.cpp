#include "checkpoint/read.h"

#include "checkpoint/bare_pickle.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/sniff.h"
#include "checkpoint/torch_legacy.h"
#include "checkpoint/torch_tar.h"
#include "checkpoint/torch_zip.h"

namespace tv2onnx {

Checkpoint read_checkpoint(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                           const OpenOptions& options) {
  Checkpoint checkpoint;
  checkpoint.format = sniff(bytes);
  checkpoint.bytes_ = bytes;
  checkpoint.owner_ = std::move(owner);
  checkpoint.file_size = bytes.size();
  switch (checkpoint.format) {
    case CheckpointFormat::kZip: read_torch_zip(checkpoint, options); break;
    case CheckpointFormat::kLegacy: read_torch_legacy(checkpoint, options); break;
    case CheckpointFormat::kTar: read_torch_tar(checkpoint, options); break;
    case CheckpointFormat::kPickle: read_bare_pickle(checkpoint, options); break;
    case CheckpointFormat::kSafetensors: read_safetensors(checkpoint, options); break;
  }
  return checkpoint;
}

}  // namespace tv2onnx
