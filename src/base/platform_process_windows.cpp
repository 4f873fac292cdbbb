#include <fcntl.h>
#include <io.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "base/platform.h"
#include "base/platform_process.h"
#include "base/windows_names.h"

namespace tv2onnx::platform {
namespace {

namespace fs = std::filesystem;

/// The program's file, or "". What only lies in the current folder is not meant.
std::wstring found_program(const std::string& word) {
  const fs::path name(word);
  if (name.has_parent_path()) return system_name(name);
  const std::wstring places = fs::path(environment("PATH")).wstring();
  std::wstring found(32768, L'\0');
  found.resize(SearchPathW(places.c_str(), name.c_str(), L".exe", static_cast<DWORD>(found.size()),
                           found.data(), nullptr));
  return found;
}

/// A copy of a stream's handle that the other program gets.
OwnHandle inherited(int descriptor, DWORD standard) {
  const HANDLE given = descriptor < 0 ? GetStdHandle(standard)
                                      : reinterpret_cast<HANDLE>(_get_osfhandle(descriptor));
  HANDLE copy = nullptr;
  DuplicateHandle(GetCurrentProcess(), given, GetCurrentProcess(), &copy, 0, TRUE,
                  DUPLICATE_SAME_ACCESS);
  return OwnHandle(copy);
}

/// Says that the other program gets these handles, and none that other threads make meanwhile.
class OnlyHandles {
 public:
  explicit OnlyHandles(std::vector<HANDLE> handles) : handles_(std::move(handles)) {
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
    bytes_.resize(size);
    InitializeProcThreadAttributeList(list(), 1, 0, &size);
    UpdateProcThreadAttribute(list(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                              handles_.size() * sizeof(HANDLE), nullptr, nullptr);
  }
  ~OnlyHandles() { DeleteProcThreadAttributeList(list()); }
  OnlyHandles(const OnlyHandles&) = delete;
  OnlyHandles& operator=(const OnlyHandles&) = delete;

  LPPROC_THREAD_ATTRIBUTE_LIST list() {
    return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(bytes_.data());
  }

 private:
  std::vector<HANDLE> handles_;
  std::vector<char> bytes_;
};

/// All that this process starts ends with it, however that ends.
HANDLE job_of_children() {
  static const HANDLE job = [] {
    const HANDLE made = CreateJobObjectW(nullptr, nullptr);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit{};
    limit.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    SetInformationJobObject(made, JobObjectExtendedLimitInformation, &limit, sizeof limit);
    return made;
  }();
  return job;
}

Started create_process(const std::wstring& program, std::wstring line, STARTUPINFOEXW& startup) {
  PROCESS_INFORMATION process{};
  constexpr DWORD kFlags = EXTENDED_STARTUPINFO_PRESENT | CREATE_NO_WINDOW;
  if (CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, TRUE, kFlags, nullptr, nullptr,
                     &startup.StartupInfo, &process) == 0) {
    return {.error = errno_of(GetLastError())};
  }
  AssignProcessToJobObject(job_of_children(), process.hProcess);
  CloseHandle(process.hThread);
  return {.process = reinterpret_cast<std::intptr_t>(process.hProcess)};
}

}  // namespace

void PipeEnd::close() {
  if (descriptor_ >= 0) _close(std::exchange(descriptor_, -1));
}

std::size_t PipeEnd::read(char* buffer, std::size_t size) const {
  constexpr std::size_t kMost = std::size_t{1} << 20U;
  const int count = _read(descriptor_, buffer, static_cast<unsigned>(std::min(size, kMost)));
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

bool PipeEnd::wait(int milliseconds) const {
  constexpr int kStep = 10;
  const HANDLE pipe = reinterpret_cast<HANDLE>(_get_osfhandle(descriptor_));
  for (int waited = 0; milliseconds < 0 || waited <= milliseconds; waited += kStep) {
    DWORD ready = 0;
    if (PeekNamedPipe(pipe, nullptr, 0, nullptr, &ready, nullptr) == 0 || ready > 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(kStep));
  }
  return false;
}

bool PipeEnd::write(const char* bytes, std::size_t size) const {
  constexpr std::size_t kMost = std::size_t{1} << 20U;
  while (size > 0) {
    const int count = _write(descriptor_, bytes, static_cast<unsigned>(std::min(size, kMost)));
    if (count <= 0) return false;
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

int make_pipe(Pipe& pipe) {
  constexpr unsigned kBuffer = 1U << 16U;
  std::array<int, 2> ends{};
  if (_pipe(ends.data(), kBuffer, _O_BINARY | _O_NOINHERIT) != 0) return errno;
  pipe = {PipeEnd(ends[0]), PipeEnd(ends[1])};
  return 0;
}

Started start_process(const std::vector<std::string>& words, const Streams& streams,
                      bool /*ends_with_this*/) {
  const std::wstring program = found_program(words.front());
  const std::wstring ending = fs::path(program).extension().wstring();
  // Those run in a shell, which takes words for commands.
  if (_wcsicmp(ending.c_str(), L".bat") == 0 || _wcsicmp(ending.c_str(), L".cmd") == 0) {
    return {.error = ENOEXEC};
  }
  if (program.empty()) return {.error = ENOENT};
  std::wstring line;
  for (const std::string& word : words) line += fs::path(in_quotes(word)).wstring() + L' ';
  const OwnHandle input = inherited(streams.input, STD_INPUT_HANDLE);
  const OwnHandle output = inherited(streams.output, STD_OUTPUT_HANDLE);
  const OwnHandle errors = inherited(streams.errors, STD_ERROR_HANDLE);
  std::vector<HANDLE> handles{input.get(), output.get(), errors.get()};
  std::erase(handles, nullptr);
  OnlyHandles only(std::move(handles));
  STARTUPINFOEXW startup{};
  startup.StartupInfo.cb = sizeof startup;
  startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  startup.StartupInfo.hStdInput = input.get();
  startup.StartupInfo.hStdOutput = output.get();
  startup.StartupInfo.hStdError = errors.get();
  startup.lpAttributeList = only.list();
  return create_process(program, std::move(line), startup);
}

int wait_for_process(std::intptr_t process) {
  const OwnHandle handle(reinterpret_cast<HANDLE>(process));
  DWORD exit_code = 0;
  if (WaitForSingleObject(handle.get(), INFINITE) != WAIT_OBJECT_0 ||
      GetExitCodeProcess(handle.get(), &exit_code) == 0) {
    return -1;
  }
  return static_cast<int>(exit_code);
}

void kill_process(std::intptr_t process) {
  TerminateProcess(reinterpret_cast<HANDLE>(process), 1);
}

}  // namespace tv2onnx::platform
