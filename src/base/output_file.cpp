#include "base/output_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/platform.h"
#include "base/platform_files.h"
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
#ifdef EDQUOT
    case EDQUOT:
#endif
      return "free some space, or write to another disk";
    case EISDIR: return "give a file name, not a folder";
    case EFBIG: return "raise the limit on file sizes (ulimit -f), or write to another disk";
    default: return "choose another place for the output";
  }
}

std::string temporary_name(const std::filesystem::path& path) {
  return fmt::format("{}.{:08x}.tmp", path.string(), platform::random_number());
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
  descriptor_ = platform::create_unnamed(path_.has_parent_path() ? path_.parent_path() : ".");
  if (descriptor_ < 0) open_temporary();
}

void OutputFile::open_temporary() {
  do {
    temporary_ = temporary_name(path_);
    descriptor_ = platform::create_new(temporary_);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) fail("create", errno);
  slot_ = claim_slot(temporary_.c_str());
}

void OutputFile::forget_temporary() {
  if (slot_ >= 0) unfinished[static_cast<std::size_t>(slot_)] = nullptr;
  slot_ = -1;
  temporary_.clear();
}

void OutputFile::name_temporarily() {
  int error = EEXIST;
  while (error == EEXIST) {
    temporary_ = temporary_name(path_);
    error = platform::give_name(descriptor_, temporary_);
  }
  if (error != 0) {
    temporary_.clear();
    fail("name", error);
  }
  slot_ = claim_slot(temporary_.c_str());
}

const std::string& OutputFile::temporary() {
  if (temporary_.empty()) name_temporarily();
  platform::let_others_read(descriptor_);
  return temporary_;
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) platform::close(descriptor_);
  if (!temporary_.empty()) platform::remove_file(temporary_.c_str());
  forget_temporary();
}

void OutputFile::write(std::span<const std::byte> bytes) {
  // In parts: a longer write takes twice the time, as the system looks for larger pages for it.
  constexpr std::size_t kPart = 1 << 17;
  while (!bytes.empty()) {
    const std::span<const std::byte> part = bytes.first(std::min(bytes.size(), kPart));
    const std::ptrdiff_t written = platform::write_some(descriptor_, part);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

void OutputFile::close() {
  if (descriptor_ < 0) return;
  const int error = platform::close(std::exchange(descriptor_, -1));
  if (error != 0) fail("close", error);
}

void OutputFile::rename_temporary() {
  close();  // not every system renames what is open
  const int error = platform::rename_file(temporary_, path_, overwrite_);
  if (error == EEXIST) fail_because_it_exists();
  if (error != 0) fail("rename to", error);
  forget_temporary();
}

void OutputFile::commit() {
  if (temporary_.empty()) {
    const int error = platform::give_name(descriptor_, path_);
    if (error == 0) return close();
    if (error != EEXIST) fail("name", error);
    if (!overwrite_) fail_because_it_exists();
    name_temporarily();  // only renaming replaces a file that is there
  }
  rename_temporary();
}

void OutputFile::commit_to_disk() {
  const int error = platform::flush_to_disk(descriptor_);
  if (error != 0) fail("flush", error);
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
    if (name != nullptr) platform::remove_file(name);
  }
}

}  // namespace tv2onnx
