// Opens a checkpoint of any format.

#include "base/mapped_file.h"
#include "checkpoint/read.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/error.h"

namespace tv2onnx {

Checkpoint open_checkpoint(const std::filesystem::path& path) {
  std::shared_ptr<const MappedFile> file = MappedFile::open(path);
  const std::span<const std::byte> bytes = file->bytes();
  try {
    Checkpoint checkpoint = read_checkpoint(bytes, std::move(file));
    checkpoint.file = path.string();
    return checkpoint;
  } catch (const Error& error) {
    throw error.in_file(path.string());
  }
}

}  // namespace tv2onnx
