#include "checkpoint/read.h"

#include "checkpoint/sniff.h"
#include "checkpoint/torch_zip.h"

namespace tv2onnx {

Checkpoint read_checkpoint(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  Checkpoint checkpoint;
  checkpoint.format = sniff(bytes);
  checkpoint.bytes_ = bytes;
  checkpoint.owner_ = std::move(owner);
  checkpoint.file_size = bytes.size();
  switch (checkpoint.format) {
    case CheckpointFormat::kZip:
      read_torch_zip(checkpoint);
      break;
    default:
      break;
  }
  return checkpoint;
}

}  // namespace tv2onnx
