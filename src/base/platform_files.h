#pragma once
// Files, as far as operating systems differ. Of each platform_*.h one of two sources is compiled:
// platform_*_posix.cpp or platform_*_windows.cpp. Descriptors are those of the C library, errors
// numbers of errno, names UTF-8.

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>

namespace tv2onnx::platform {

/// What a name stands for, and the bytes of an ordinary file that has some.
struct MappedName {
  enum class Kind { kFile, kFolder, kOther };
  Kind kind = Kind::kFile;
  int error = 0;                          ///< not 0: nothing else here has a meaning
  const char* failed = "";                ///< what: "opened" or "mapped"
  std::span<const std::byte> bytes = {};  ///< until unmap()
};
/// Waits for nobody, not for the writer of a pipe either.
MappedName map_file(const std::filesystem::path& path);
void unmap(std::span<const std::byte> bytes);
/// To read; null and errno.
std::FILE* open_stream(const std::filesystem::path& path);

/// A file without a name in a folder, to write and read; -1 where that cannot be.
int create_unnamed(const std::filesystem::path& folder);
/// Gives it one that nothing has. 0 or an error.
int give_name(int descriptor, const std::filesystem::path& name);
/// A file to write that nothing of this name was there before; -1 and errno.
int create_new(const std::filesystem::path& name);
/// How many of the bytes were written; -1 and errno.
std::ptrdiff_t write_some(int descriptor, std::span<const std::byte> bytes);
/// Called when all is written and others are to read the file under its name. Closes it where they
/// could not otherwise; it is -1 then.
void let_others_read(int& descriptor);
/// 0 or an error, which is none where a file has no disk.
int flush_to_disk(int descriptor);
int close(int descriptor);
/// Gives a closed file another name, in one step. EEXIST if something has that name and `overwrite`
/// is false, which the system decides, not a look before.
int rename_file(const std::filesystem::path& from, const std::filesystem::path& to, bool overwrite);
/// Can be called in the handler of an interrupt.
void remove_file(const char* name) noexcept;

/// A file for what another program writes to its stdout. Nothing of it stays, not even after an
/// interrupt.
class TemporaryFile {
 public:
  TemporaryFile();
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int descriptor() const { return descriptor_; }     ///< -1: it could not be made
  const std::string& name() const { return name_; }  ///< under which this process can read it
  bool empty() const;

 private:
  int descriptor_ = -1;
  std::string name_;
};

/// A new folder for temporary files that others may not enter; empty if there can be none.
std::filesystem::path make_temporary_folder(const std::string& name);

}  // namespace tv2onnx::platform
