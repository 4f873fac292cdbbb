#include "cli/answer.h"
#include "cli/print.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

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

[[noreturn]] void fail_to_write(const std::string& path) {
  throw Error({.code = "O003", .found = "cannot write the answer", .where = {.file = path}});
}

DeviceFile device_at(const std::string& path) {
  return {std::fopen(path.c_str(), "wb"), std::fclose};
}

void write_device(const DeviceFile& device, const std::string& path, const std::string& text) {
  const bool written =
      device && std::fwrite(text.data(), 1, text.size(), device.get()) == text.size();
  if (!written || std::fflush(device.get()) != 0) fail_to_write(path);
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
    write_device(device_at(path_), path_, text);
  }
}

AnswerStream::AnswerStream(const std::string& path, bool overwrite) : path_(path) {
  if (path == "-" || path == "/dev/stdout") return;
  if (is_stream(path)) {
    device_ = device_at(path);
    if (!device_) fail_to_write(path);
  } else {
    file_.emplace(path, overwrite);
  }
}

void AnswerStream::add(std::string_view text) {
  constexpr std::size_t kPiece = std::size_t{1} << 20U;
  pending_ += text;
  if (pending_.size() >= kPiece) write_pending();
}

void AnswerStream::flush() {
  if (file_) return;
  write_pending();
  flush_answer();
}

void AnswerStream::end() {
  write_pending();
  if (file_) file_->commit();
}

void AnswerStream::write_pending() {
  if (file_) {
    file_->write(pending_);
  } else if (device_) {
    write_device(device_, path_, pending_);
  } else {
    put_answer(pending_);
  }
  pending_.clear();
}

}  // namespace tv2onnx::cli
