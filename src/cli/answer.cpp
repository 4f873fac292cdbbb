#include "cli/answer.h"
#include "cli/print.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

/// Devices, pipes and what /dev/stdout stands for are written to as they are.
bool is_stream(const std::string& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return path == "-" || path == "/dev/stdout" || fs::is_character_file(status) ||
         fs::is_fifo(status);
}

void write_stream(const std::string& path, const std::string& text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text << std::flush;
  if (stream) return;
  throw Error({.code = "O003", .found = "cannot write the answer", .where = {.file = path}});
}

}  // namespace

Answer::Answer(const std::string& path, bool overwrite) : path_(path) {
  if (!path.empty() && !is_stream(path)) file_.emplace(path, overwrite);
}

void Answer::write(const std::string& text) {
  if (to_stdout()) {
    put_answer(text);
  } else if (file_) {
    file_->write(text);
    file_->commit();
  } else if (wanted()) {
    write_stream(path_, text);
  }
}

}  // namespace tv2onnx::cli
