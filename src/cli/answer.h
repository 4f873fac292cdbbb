#pragma once
// Where an answer goes: to a file, a device, or stdout.

#include <optional>
#include <string>

#include "base/output_file.h"

namespace tv2onnx::cli {

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

}  // namespace tv2onnx::cli
