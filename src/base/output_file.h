#pragma once
// Files that are written whole or not at all. Where the file system can, the file has no name until
// it is complete, so that even a killed process leaves nothing; elsewhere it has a temporary name
// in the same folder. What was there before stays until the very end.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tv2onnx {

/// Takes the bytes of an output in order: of a file or of a buffer in memory.
using ByteSink = std::function<void(std::span<const std::byte>)>;

class OutputFile {
 public:
  /// Creates the file without its name. \throws Error O003 (cannot be written), O004 (`path` exists
  /// and `overwrite` is false).
  OutputFile(const std::filesystem::path& path, bool overwrite);
  /// Removes the file unless commit() succeeded.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// \throws Error O003, for example when the disk is full.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  /// A temporary name under which others can read the file until commit(). Nothing is written to it
  /// afterwards.
  const std::string& temporary();
  /// Gives the file its name. \throws Error O003, O004 (another one has got the name meanwhile).
  void commit();
  /// The same once all bytes are on the disk, so that the name never shows less after a crash.
  void commit_to_disk();

 private:
  void open_temporary();
  void name_temporarily();
  void rename_temporary();
  void forget_temporary();
  void close();
  [[noreturn]] void fail(const char* action, int error) const;
  [[noreturn]] void fail_because_it_exists() const;

  std::filesystem::path path_;
  bool overwrite_;
  std::string temporary_;  ///< "": the file has no name yet
  int descriptor_ = -1;
  int slot_ = -1;  ///< where remove_unfinished_outputs() finds the name
};

/// Writes to `file`, which must outlive the sink.
ByteSink sink_of(OutputFile& file);
/// Appends to `buffer`, which must outlive the sink.
ByteSink sink_of(std::vector<std::byte>& buffer);

/// Removes the temporary files of all OutputFiles that are open now. Async-signal-safe: for the
/// handler of an interrupt, after which the process must end.
void remove_unfinished_outputs() noexcept;

}  // namespace tv2onnx
