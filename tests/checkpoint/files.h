#pragma once
// Files of the tests: goldens, hostile ones, and ones made on the spot.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "checkpoint/read.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/error.h"

namespace tv2onnx::test {

inline std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(TV2ONNX_SOURCE_DIR) / "tests/golden/checkpoint" / name;
}
inline std::filesystem::path hostile(const std::string& name) {
  return std::filesystem::path(TV2ONNX_SOURCE_DIR) / "tests/hostile" / name;
}

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  EXPECT_TRUE(file.good()) << path;
  return content.str();
}

inline std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::istringstream text(content_of(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

/// A copy of exactly that many bytes, so that the sanitizers see every read beyond them.
inline Checkpoint read_bytes(std::string_view content) {
  auto owner = std::make_shared<std::vector<std::byte>>(content.size());
  if (!content.empty()) std::memcpy(owner->data(), content.data(), content.size());
  const std::span<const std::byte> bytes = *owner;
  return read_checkpoint(bytes, std::move(owner));
}

/// The error that opening gives, or a failure.
inline ErrorParts error_of(const std::filesystem::path& path) {
  try {
    open_checkpoint(path);
  } catch (const Error& error) {
    return error.parts();
  }
  ADD_FAILURE() << path << " was read without an error";
  return {.code = {}, .found = ""};
}

/// A file that is removed at the end of the test.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, std::string_view content)
      : path_(std::filesystem::path(::testing::TempDir()) /
              (std::to_string(::getpid()) + "_" + name)) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace tv2onnx::test
