#include "base/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
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

std::string_view remedy(int error) {
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

}  // namespace

OutputFile::OutputFile(const std::filesystem::path& path, bool overwrite) : path_(path) {
  std::error_code ignored;
  const std::filesystem::file_status target = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(target)) fail("write", EISDIR);
  if (!overwrite && std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) {
    throw Error({.code = "O004",
                 .found = "the output file exists already",
                 .where = {.file = path.string()},
                 .hint = "-f overwrites it"});
  }
  // Renaming over a device such as /dev/null would replace it by a file.
  if (std::filesystem::exists(target) && !std::filesystem::is_regular_file(target)) {
    throw Error({.code = "O003",
                 .found = "the output is a device or a pipe",
                 .where = {.file = path.string()},
                 .hint = "give the name of a file"});
  }
  temporary_ = path.string() + ".XXXXXX.tmp";
  descriptor_ = ::mkostemps(temporary_.data(), 4, O_CLOEXEC);
  if (descriptor_ < 0) fail("create", errno);
  slot_ = claim_slot(temporary_.c_str());
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
  if (slot_ >= 0) unfinished[static_cast<std::size_t>(slot_)] = nullptr;
}

void OutputFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void OutputFile::commit() {
  // mkostemps makes the file private; give it what the umask would have given a new file.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (::fchmod(descriptor_, 0666 & ~mask) != 0) fail("set permissions of", errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("rename to", errno);
  if (slot_ >= 0) unfinished[static_cast<std::size_t>(slot_)] = nullptr;
  const int descriptor = std::exchange(descriptor_, -1);
  if (::close(descriptor) != 0) fail("close", errno);
}

void OutputFile::fail(const char* action, int error) const {
  throw Error({.code = "O003",
               .found = fmt::format("cannot {} the output: {}", action, std::strerror(error)),
               .where = {.file = path_.string()},
               .hint = std::string(remedy(error))});
}

void remove_unfinished_outputs() noexcept {
  for (std::atomic<const char*>& slot : unfinished) {
    const char* name = slot.load();
    if (name != nullptr) ::unlink(name);
  }
}

}  // namespace tv2onnx
