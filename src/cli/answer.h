#pragma once
// Where an answer goes: to a file, a device, or stdout.

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/output_file.h"

namespace tv2onnx::cli {

/// A device or a pipe, which is written as it is.
using DeviceFile = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// An answer that goes to a file, a device or, as "-", to stdout. A file is opened before the work
/// begins.
class Answer {
 public:
  /// An empty path: nowhere. \throws Error O003, O004.
  Answer(const std::string& path, bool overwrite);

  bool wanted() const { return !path_.empty(); }
  bool to_stdout() const { return path_ == "-" || path_ == "/dev/stdout"; }
  void write(const std::string& text);

 private:
  std::string path_;
  std::optional<OutputFile> file_;
};

/// An answer that comes in pieces: to stdout as "-", to a device, or to a file that gets its name
/// at the end.
class AnswerStream {
 public:
  /// \throws Error O003, O004.
  AnswerStream(const std::string& path, bool overwrite);

  void add(std::string_view text);
  /// What came so far can be read, where it goes to stdout.
  void flush();
  void end();

 private:
  void write_pending();

  std::optional<OutputFile> file_;
  DeviceFile device_ = {nullptr, std::fclose};
  std::string path_;
  std::string pending_;
};

}  // namespace tv2onnx::cli
