#include "base/mapped_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/platform_files.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, std::string found, std::string hint) {
  throw Error({.code = "C001",
               .found = std::move(found),
               .where = {.file = path.string()},
               .hint = std::move(hint)});
}

std::string reading_remedy(int error) {
  switch (error) {
    case ENOENT: return "check the path; relative paths start at the current folder";
    case EACCES:
    case EPERM: return "ask for read permission, or copy the file to a place of your own";
    default: return "";
  }
}

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path) {
  using Kind = platform::MappedName::Kind;
  const platform::MappedName file = platform::map_file(path);
  if (file.error != 0) {
    fail(path, fmt::format("the file cannot be {}: {}", file.failed, std::strerror(file.error)),
         reading_remedy(file.error));
  }
  if (file.kind == Kind::kFolder) fail(path, "this is a directory", "give the file inside it");
  if (file.kind != Kind::kFile) {
    fail(path, "this is a pipe or a device", "save it to a file first");
  }
  if (file.bytes.empty()) {
    throw Error({.code = "C002",
                 .found = "the file is empty",
                 .where = {.file = path.string()},
                 .hint = "copy or download it again"});
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(file.bytes));
}

std::string read_text_file(const std::filesystem::path& path) {
  std::error_code ignored;  // a file without text is no truncated one
  if (std::filesystem::is_regular_file(path, ignored) && std::filesystem::is_empty(path, ignored)) {
    return "";
  }
  const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
  const auto bytes = file->bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

MappedFile::~MappedFile() {
  platform::unmap(bytes_);
}

}  // namespace tv2onnx
