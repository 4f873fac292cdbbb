// Opens a checkpoint of any format.

#include "base/mapped_file.h"
#include "checkpoint/read.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/error.h"

namespace tv2onnx {

Checkpoint open_checkpoint(const std::filesystem::path& path, const OpenOptions& options) {
  std::shared_ptr<const MappedFile> file = MappedFile::open(path);
  const std::span<const std::byte> bytes = file->bytes();
  return open_checkpoint(bytes, path.string(), std::move(file), options);
}

Checkpoint open_checkpoint(std::span<const std::byte> bytes, const std::string& name,
                           std::shared_ptr<const void> owner, const OpenOptions& options) {
  try {
    Checkpoint checkpoint = read_checkpoint(bytes, std::move(owner), options);
    checkpoint.file = name;
    return checkpoint;
  } catch (const Error& error) {
    throw error.in_file(name);
  }
}

}  // namespace tv2onnx
