#include "base/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

class Descriptor {
 public:
  // Without O_NONBLOCK, opening a pipe would wait for a writer.
  explicit Descriptor(const char* path) : value_(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

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
  const Descriptor file(path.c_str());
  struct stat status {};
  if (file.value() < 0 || ::fstat(file.value(), &status) != 0) {
    const int error = errno;
    fail(path, fmt::format("the file cannot be opened: {}", std::strerror(error)),
         reading_remedy(error));
  }
  if (S_ISDIR(status.st_mode)) fail(path, "this is a directory", "give the file inside it");
  if (!S_ISREG(status.st_mode)) {
    fail(path, "this is a pipe or a device", "save it to a file first");
  }
  if (status.st_size == 0) {
    throw Error({.code = "C002",
                 .found = "the file is empty",
                 .where = {.file = path.string()},
                 .hint = "copy or download it again"});
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.value(), 0);
  if (address == MAP_FAILED) {
    fail(path, fmt::format("the file cannot be mapped: {}", std::strerror(errno)), "");
  }
  return std::shared_ptr<const MappedFile>(
      new MappedFile({static_cast<const std::byte*>(address), size}));
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
  ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace tv2onnx
