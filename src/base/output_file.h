#pragma once
// Files that are written whole or not at all: to a temporary name in the same folder, then
// renamed. What was there before stays until the very end.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace tv2onnx {

class OutputFile {
 public:
  /// Creates the temporary file. \throws Error O003 (cannot be written), O004 (`path` exists and
  /// `overwrite` is false).
  OutputFile(const std::filesystem::path& path, bool overwrite);
  /// Removes the temporary file unless commit() succeeded.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// \throws Error O003, for example when the disk is full.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  /// Where the file lies until commit().
  const std::string& temporary() const { return temporary_; }
  /// Gives the file its name. \throws Error O003.
  void commit();

 private:
  [[noreturn]] void fail(const char* action, int error) const;

  std::filesystem::path path_;
  std::string temporary_;
  int descriptor_ = -1;
  int slot_ = -1;  ///< where remove_unfinished_outputs() finds the name
};

/// Removes the temporary files of all OutputFiles that are open now. Async-signal-safe: for the
/// handler of an interrupt, after which the process must end.
void remove_unfinished_outputs() noexcept;

}  // namespace tv2onnx
