#include <fcntl.h>
#include <fmt/format.h>
#include <io.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/platform.h"
#include "base/platform_files.h"
#include "base/windows_names.h"

namespace tv2onnx::platform {
namespace {

constexpr int kNewFile = _O_CREAT | _O_EXCL | _O_RDWR | _O_BINARY | _O_NOINHERIT;
constexpr DWORD kShared = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

MappedName failure(const char* failed) {
  return {.error = errno_of(GetLastError()), .failed = failed};
}

MappedName map_open_file(HANDLE file) {
  if (GetFileType(file) != FILE_TYPE_DISK) return {.kind = MappedName::Kind::kOther};
  BY_HANDLE_FILE_INFORMATION about{};
  if (GetFileInformationByHandle(file, &about) == 0) return failure("opened");
  if ((about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
    return {.kind = MappedName::Kind::kFolder};
  }
  const std::uint64_t size = (std::uint64_t{about.nFileSizeHigh} << 32U) | about.nFileSizeLow;
  if (size == 0) return {};
  const OwnHandle mapping(CreateFileMappingW(file, nullptr, PAGE_READONLY, 0, 0, nullptr));
  if (mapping.get() == nullptr) return failure("mapped");
  const void* address = MapViewOfFile(mapping.get(), FILE_MAP_READ, 0, 0, 0);
  if (address == nullptr) return failure("mapped");
  return {.bytes = {static_cast<const std::byte*>(address), static_cast<std::size_t>(size)}};
}

}  // namespace

MappedName map_file(const std::filesystem::path& path) {
  // With FILE_FLAG_BACKUP_SEMANTICS folders can be opened, and told from files that are denied.
  const OwnHandle file(CreateFileW(system_name(path).c_str(), GENERIC_READ, kShared, nullptr,
                                   OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  if (file.get() == nullptr) return failure("opened");
  return map_open_file(file.get());
}

void unmap(std::span<const std::byte> bytes) {
  UnmapViewOfFile(bytes.data());
}

std::FILE* open_stream(const std::filesystem::path& path) {
  return _wfopen(system_name(path).c_str(), L"rb");
}

int create_unnamed(const std::filesystem::path& /*folder*/) {
  return -1;
}

int give_name(int /*descriptor*/, const std::filesystem::path& /*name*/) {
  return ENOSYS;  // no file is without one here
}

// Not with _wopen(), whose files nobody can remove while they are open, as an interrupt does.
int create_new(const std::filesystem::path& name) {
  OwnHandle file(CreateFileW(system_name(name).c_str(), GENERIC_READ | GENERIC_WRITE, kShared,
                             nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr));
  if (file.get() == nullptr) {
    errno = errno_of(GetLastError());
    return -1;
  }
  const int made = _open_osfhandle(reinterpret_cast<std::intptr_t>(file.get()), _O_BINARY);
  if (made >= 0) file.release();
  return made;
}

std::ptrdiff_t write_some(int descriptor, std::span<const std::byte> bytes) {
  constexpr std::size_t kMost = std::size_t{1} << 30U;
  return _write(descriptor, bytes.data(), static_cast<unsigned>(std::min(bytes.size(), kMost)));
}

// Others ask the system that nobody writes while they read.
void let_others_read(int& descriptor) {
  if (descriptor >= 0) _close(std::exchange(descriptor, -1));
}

int flush_to_disk(int descriptor) {
  return _commit(descriptor) == 0 ? 0 : errno;
}

int close(int descriptor) {
  return _close(descriptor) == 0 ? 0 : errno;
}

int rename_file(const std::filesystem::path& from, const std::filesystem::path& to,
                bool overwrite) {
  const DWORD flags = overwrite ? MOVEFILE_REPLACE_EXISTING : 0;
  const bool done = MoveFileExW(system_name(from).c_str(), system_name(to).c_str(), flags) != 0;
  return done ? 0 : errno_of(GetLastError());
}

// Handlers of interrupts run in a thread of their own here and may do anything.
void remove_file(const char* name) noexcept {
  try {
    DeleteFileW(system_name(std::filesystem::path(name)).c_str());
  } catch (...) {  // NOLINT: no memory for the name, and the process ends
  }
}

TemporaryFile::TemporaryFile() {
  std::error_code problem;
  const std::filesystem::path folder = std::filesystem::temp_directory_path(problem);
  if (problem) return;
  do {
    name_ = (folder / fmt::format("tv2onnx-{:08x}.tmp", random_number())).string();
    descriptor_ = _wopen(system_name(name_).c_str(), kNewFile | _O_TEMPORARY, _S_IREAD | _S_IWRITE);
  } while (descriptor_ < 0 && errno == EEXIST);
}

TemporaryFile::~TemporaryFile() {
  if (descriptor_ >= 0) _close(descriptor_);
}

bool TemporaryFile::empty() const {
  return _lseeki64(descriptor_, 0, SEEK_END) == 0;
}

std::filesystem::path make_temporary_folder(const std::string& name) {
  std::error_code problem;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(problem);
  while (!problem) {
    const std::filesystem::path path = parent / fmt::format("{}-{:08x}", name, random_number());
    if (std::filesystem::create_directory(path, problem)) return path;
  }
  return {};
}

}  // namespace tv2onnx::platform
