#include "base/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

// Names of unfinished files as plain C strings, so that a signal handler can read them.
constexpr std::size_t kSlots = 64;
std::array<std::atomic<const char*>, kSlots> unfinished{};

int claim_slot(const char* name) {
  for (std::size_t k = 0; k < kSlots; ++k) {
    const char* free = nullptr;
    if (unfinished[k].compare_exchange_strong(free, name)) return static_cast<int>(k);
  }
  return -1;  // more files at once than slots: only an interrupt would leave this one behind
}

std::string_view writing_remedy(int error) {
  switch (error) {
    case ENOENT: return "create the folder first, or give another path";
    case EACCES:
    case EPERM:
    case EROFS: return "choose a folder that you may write to";
    case ENOSPC:
    case EDQUOT: return "free some space, or write to another disk";
    case EISDIR: return "give a file name, not a folder";
    case EFBIG: return "raise the limit on file sizes (ulimit -f), or write to another disk";
    default: return "choose another place for the output";
  }
}

std::string proc_path(int descriptor) {
  return fmt::format("/proc/self/fd/{}", descriptor);
}

std::string temporary_name(const std::filesystem::path& path) {
  std::uint32_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number)
    number = static_cast<std::uint32_t>(getpid());
  return fmt::format("{}.{:08x}.tmp", path.string(), number);
}

}  // namespace

OutputFile::OutputFile(const std::filesystem::path& path, bool overwrite)
    : path_(path), overwrite_(overwrite) {
  std::error_code ignored;
  const std::filesystem::file_status target = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(target)) fail("write", EISDIR);
  if (!overwrite && std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) {
    fail_because_it_exists();
  }
  // Renaming over a device such as /dev/null would replace it by a file.
  if (std::filesystem::exists(target) && !std::filesystem::is_regular_file(target)) {
    throw Error({.code = "O003",
                 .found = "the output is a device or a pipe",
                 .where = {.file = path.string()},
                 .hint = "give the name of a file"});
  }
  open_unnamed();
  if (descriptor_ < 0) open_temporary();
}

void OutputFile::open_unnamed() {
#ifdef O_TMPFILE
  const std::filesystem::path folder = path_.has_parent_path() ? path_.parent_path() : ".";
  descriptor_ = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  // Only through /proc can such a file get a name.
  if (descriptor_ >= 0 && ::access(proc_path(descriptor_).c_str(), F_OK) != 0) {
    ::close(std::exchange(descriptor_, -1));
  }
#endif
}

void OutputFile::open_temporary() {
  do {
    temporary_ = temporary_name(path_);
    descriptor_ = ::open(temporary_.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) fail("create", errno);
  slot_ = claim_slot(temporary_.c_str());
}

const std::string& OutputFile::temporary() {
  if (!temporary_.empty()) return temporary_;
  int error = EEXIST;
  while (error == EEXIST) {
    temporary_ = temporary_name(path_);
    error = link_to(temporary_);
  }
  if (error != 0) {
    temporary_.clear();
    fail("name", error);
  }
  slot_ = claim_slot(temporary_.c_str());
  return temporary_;
}

int OutputFile::link_to(const std::string& name) const {
  const std::string unnamed = proc_path(descriptor_);
  const int result = ::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW);
  return result == 0 ? 0 : errno;
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  if (slot_ >= 0) unfinished[static_cast<std::size_t>(slot_)] = nullptr;
}

void OutputFile::write(std::span<const std::byte> bytes) {
  // In parts: a longer write takes twice the time, as the system looks for larger pages for it.
  constexpr std::size_t kPart = 1 << 17;
  while (!bytes.empty()) {
    const ssize_t written =
        ::write(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), kPart));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

/// Whether another file has got the name meanwhile is decided by the system, not by a look before.
void OutputFile::rename_temporary() {
  const char* from = temporary().c_str();
  const unsigned flags = overwrite_ ? 0 : RENAME_NOREPLACE;
  int result = ::renameat2(AT_FDCWD, from, AT_FDCWD, path_.c_str(), flags);
  if (result != 0 && !overwrite_ && (errno == EINVAL || errno == ENOSYS)) {
    // This file system cannot; a second name is not given to a file either if another has it.
    result = ::link(from, path_.c_str());
    if (result == 0) ::unlink(from);
  }
  if (result != 0 && errno == EEXIST) fail_because_it_exists();
  if (result != 0) fail("rename to", errno);
}

void OutputFile::commit() {
  // Only renaming replaces a file that is there.
  const int error = temporary_.empty() ? link_to(path_.string()) : EEXIST;
  if (error == EEXIST) {
    if (!overwrite_ && temporary_.empty()) fail_because_it_exists();
    rename_temporary();
  } else if (error != 0) {
    fail("name", error);
  }
  if (slot_ >= 0) unfinished[static_cast<std::size_t>(slot_)] = nullptr;
  const int descriptor = std::exchange(descriptor_, -1);
  if (::close(descriptor) != 0) fail("close", errno);
}

void OutputFile::commit_to_disk() {
  if (::fsync(descriptor_) != 0 && errno != EINVAL) fail("flush", errno);  // EINVAL: it has no disk
  commit();
}

void OutputFile::fail_because_it_exists() const {
  throw Error({.code = "O004",
               .found = "the output file exists already",
               .where = {.file = path_.string()},
               .hint = "-f overwrites it"});
}

void OutputFile::fail(const char* action, int error) const {
  throw Error({.code = "O003",
               .found = fmt::format("cannot {} the output: {}", action, std::strerror(error)),
               .where = {.file = path_.string()},
               .hint = std::string(writing_remedy(error))});
}

ByteSink sink_of(OutputFile& file) {
  return [&file](std::span<const std::byte> bytes) { file.write(bytes); };
}

ByteSink sink_of(std::vector<std::byte>& buffer) {
  return [&buffer](std::span<const std::byte> bytes) {
    buffer.insert(buffer.end(), bytes.begin(), bytes.end());
  };
}

void remove_unfinished_outputs() noexcept {
  for (std::atomic<const char*>& slot : unfinished) {
    const char* name = slot.load();
    if (name != nullptr) ::unlink(name);
  }
}

}  // namespace tv2onnx
