#include <windows.h>
// After it, as both need its types.
#include <fcntl.h>
#include <io.h>
#include <psapi.h>
#include <shellapi.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

#include "base/output_file.h"
#include "cli/platform_program.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

constexpr int kLimitReached = 4;

/// Null unless interrupts are held.
std::atomic<HANDLE> held{nullptr};

BOOL WINAPI take_interrupt(DWORD event) {
  const HANDLE waiting = held;
  const bool asked = event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
  if (asked && waiting != nullptr) return SetEvent(waiting);
  remove_unfinished_outputs();
  return FALSE;  // and the process ends as it would
}

VOID CALLBACK end_by_time_limit(PVOID /*nothing*/, BOOLEAN /*by a timer*/) {
  remove_unfinished_outputs();
  constexpr std::string_view kMessage = "error[X003]: the time limit was reached (--time-limit)\n";
  DWORD written = 0;
  WriteFile(GetStdHandle(STD_ERROR_HANDLE), kMessage.data(), static_cast<DWORD>(kMessage.size()),
            &written, nullptr);
  TerminateProcess(GetCurrentProcess(), kLimitReached);
}

void limit_memory(std::uint64_t bytes) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limit{};
  limit.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_PROCESS_MEMORY;
  limit.ProcessMemoryLimit = bytes;
  const HANDLE job = CreateJobObjectW(nullptr, nullptr);
  if (job != nullptr &&
      SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limit, sizeof limit) != 0 &&
      AssignProcessToJobObject(job, GetCurrentProcess()) != 0) {
    return;
  }
  throw Error({.code = "U002",
               .found = "the system sets no limit to this process's memory",
               .where = {.item = "--memory-limit"}});
}

}  // namespace

Words words_of(int argc, char** argv) {
  // What main() gets is in the code page of the system.
  int count = 0;
  const std::unique_ptr<wchar_t*, HLOCAL (*)(HLOCAL)> wide(
      CommandLineToArgvW(GetCommandLineW(), &count), LocalFree);
  std::vector<std::string> words;
  for (int k = 0; wide != nullptr && k < count; ++k) {
    words.push_back(std::filesystem::path(wide.get()[k]).string());
  }
  return wide == nullptr ? Words({argv, argv + argc}) : Words(std::move(words));
}

void prepare_process() {
  for (std::FILE* stream : {stdin, stdout, stderr}) _setmode(_fileno(stream), _O_BINARY);
  SetConsoleOutputCP(CP_UTF8);
  SetConsoleCtrlHandler(take_interrupt, TRUE);
  // No window that waits for somebody to close it.
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
}

void hold_interrupts() {
  held = CreateEventW(nullptr, TRUE, FALSE, nullptr);
}

void wait_for_interrupt() {
  WaitForSingleObject(held, INFINITE);
}

void apply_limits(unsigned seconds, std::uint64_t mebibytes) {
  HANDLE timer = nullptr;
  if (seconds > 0 && CreateTimerQueueTimer(&timer, nullptr, end_by_time_limit, nullptr,
                                           seconds * 1000, 0, WT_EXECUTEONLYONCE) == 0) {
    throw Error({.code = "X001", .found = "the system has no timer for --time-limit"});
  }
  if (mebibytes > 0) limit_memory(mebibytes << 20U);
}

std::uint64_t peak_memory() {
  PROCESS_MEMORY_COUNTERS counters{};
  GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters);
  return counters.PeakWorkingSetSize;
}

void end_as_nobody_reads() {}

}  // namespace tv2onnx::cli
