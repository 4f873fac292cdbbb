#pragma once
// A file mapped into memory, read-only: its pages are read when they are touched and can be dropped
// by the system, so a checkpoint costs no memory of its own.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace tv2onnx {

class MappedFile {
 public:
  /// \throws Error C001 (cannot be read), C002 (empty).
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);

  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes_;
};

/// The content of an ordinary file, which may be empty. \throws Error C001.
std::string read_text_file(const std::filesystem::path& path);

}  // namespace tv2onnx
