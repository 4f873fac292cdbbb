#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/platform_files.h"

namespace tv2onnx::platform {
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

std::string proc_path(int descriptor) {
  return fmt::format("/proc/self/fd/{}", descriptor);
}

}  // namespace

MappedName map_file(const std::filesystem::path& path) {
  const Descriptor file(path.c_str());
  struct stat status {};
  if (file.value() < 0 || ::fstat(file.value(), &status) != 0) {
    return {.error = errno, .failed = "opened"};
  }
  if (S_ISDIR(status.st_mode)) return {.kind = MappedName::Kind::kFolder};
  if (!S_ISREG(status.st_mode)) return {.kind = MappedName::Kind::kOther};
  if (status.st_size == 0) return {};
  const auto size = static_cast<std::size_t>(status.st_size);
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.value(), 0);
  if (address == MAP_FAILED) return {.error = errno, .failed = "mapped"};
  return {.bytes = {static_cast<const std::byte*>(address), size}};
}

void unmap(std::span<const std::byte> bytes) {
  ::munmap(const_cast<std::byte*>(bytes.data()), bytes.size());
}

std::FILE* open_stream(const std::filesystem::path& path) {
  return std::fopen(path.c_str(), "rb");
}

int create_unnamed([[maybe_unused]] const std::filesystem::path& folder) {
  int descriptor = -1;
#ifdef O_TMPFILE
  descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  // Only through /proc can such a file get a name.
  if (descriptor >= 0 && ::access(proc_path(descriptor).c_str(), F_OK) != 0) {
    ::close(std::exchange(descriptor, -1));
  }
#endif
  return descriptor;
}

int give_name(int descriptor, const std::filesystem::path& name) {
  const std::string unnamed = proc_path(descriptor);
  const int result = ::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW);
  return result == 0 ? 0 : errno;
}

int create_new(const std::filesystem::path& name) {
  return ::open(name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666);
}

std::ptrdiff_t write_some(int descriptor, std::span<const std::byte> bytes) {
  return ::write(descriptor, bytes.data(), bytes.size());
}

void let_others_read(int& /*descriptor*/) {}

int flush_to_disk(int descriptor) {
  return ::fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
}

int close(int descriptor) {
  return ::close(descriptor) == 0 ? 0 : errno;
}

int rename_file(const std::filesystem::path& from, const std::filesystem::path& to,
                bool overwrite) {
  const unsigned flags = overwrite ? 0 : RENAME_NOREPLACE;
  int result = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags);
  if (result != 0 && !overwrite && (errno == EINVAL || errno == ENOSYS)) {
    // This file system cannot; a second name is not given to a file either if another has it.
    result = ::link(from.c_str(), to.c_str());
    if (result == 0) ::unlink(from.c_str());
  }
  return result == 0 ? 0 : errno;
}

void remove_file(const char* name) noexcept {
  ::unlink(name);
}

TemporaryFile::TemporaryFile() {
  std::FILE* file = std::tmpfile();
  if (file == nullptr) return;
  descriptor_ = ::fcntl(::fileno(file), F_DUPFD_CLOEXEC, 0);
  std::fclose(file);
  name_ = fmt::format("/dev/fd/{}", descriptor_);
}

TemporaryFile::~TemporaryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool TemporaryFile::empty() const {
  return ::lseek(descriptor_, 0, SEEK_END) == 0;
}

std::filesystem::path make_temporary_folder(const std::string& name) {
  std::string path = (std::filesystem::temp_directory_path() / (name + "-XXXXXX")).string();
  if (::mkdtemp(path.data()) == nullptr) return {};
  return path;
}

}  // namespace tv2onnx::platform
