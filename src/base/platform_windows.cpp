#include "base/platform.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cwchar>
#include <locale>

#include "base/windows_names.h"

namespace tv2onnx::platform {
namespace {

namespace fs = std::filesystem;

fs::path file_of_module(HMODULE module) {
  std::wstring name(260, L'\0');
  DWORD length = 0;
  while ((length = GetModuleFileNameW(module, name.data(), static_cast<DWORD>(name.size()))) ==
         name.size()) {
    name.resize(2 * name.size());
  }
  name.resize(length);
  return name;
}

std::string text_of(DWORD error) {
  std::wstring text(512, L'\0');
  text.resize(FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr,
                             error, 0, text.data(), static_cast<DWORD>(text.size()), nullptr));
  while (!text.empty() && (text.back() == L'\n' || text.back() == L'\r')) text.pop_back();
  return text.empty() ? "error " + std::to_string(error) : fs::path(text).string();
}

}  // namespace

using Conversion = std::codecvt<wchar_t, char, std::mbstate_t>;

// What MinGW's C++ library makes a path of bytes with: its own takes them for Latin-1, and gives
// UTF-8 back. The linker puts this in the place of Conversion::do_in(); see cmake/platforms.cmake.
Conversion::result path_from_utf8(
    const Conversion* self, std::mbstate_t& state, const char* from, const char* from_end,
    const char*& next, wchar_t* to, wchar_t* to_end,
    wchar_t*& to_next) __asm__("__wrap__ZNKSt7codecvtIwciE5do_inERiPKcS3_RS3_PwS5_RS5_");

Conversion::result path_from_utf8(const Conversion* /*self*/, std::mbstate_t& /*state*/,
                                  const char* from, const char* from_end, const char*& next,
                                  wchar_t* to, wchar_t* to_end, wchar_t*& to_next) {
  // Bytes that are no UTF-8 become a character that no file is called by, not an exception.
  const int made = MultiByteToWideChar(CP_UTF8, 0, from, static_cast<int>(from_end - from), to,
                                       static_cast<int>(to_end - to));
  next = made == 0 ? from : from_end;
  to_next = to + made;
  return made == 0 && from != from_end ? Conversion::error : Conversion::ok;
}

const char* const kPython = "python";
const char* const kPlainInShell = "/\\:._-+=";

// As the C library of the program that is started takes it apart again.
std::string in_quotes(const std::string& word) {
  std::string text = "\"";
  std::size_t slashes = 0;
  for (const char c : word) {
    if (c == '"') text.append(slashes + 1, '\\');
    slashes = c == '\\' ? slashes + 1 : 0;
    text += c;
  }
  return text.append(slashes, '\\') + '"';
}

std::wstring system_name(const fs::path& path) {
  constexpr std::size_t kSafe = 240;  // 260, less a temporary name's ending
  std::error_code problem;
  const fs::path whole = fs::absolute(path, problem);
  std::wstring name = whole.lexically_normal().make_preferred().wstring();
  if (problem || name.size() < kSafe || name.starts_with(L"\\\\?\\")) return path.wstring();
  if (name.starts_with(L"\\\\")) return L"\\\\?\\UNC" + name.substr(1);
  return L"\\\\?\\" + name;
}

int errno_of(DWORD error) {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_BAD_NETPATH:
    case ERROR_INVALID_DRIVE: return ENOENT;
    case ERROR_ACCESS_DENIED:
    case ERROR_SHARING_VIOLATION:
    case ERROR_USER_MAPPED_FILE:
    case ERROR_WRITE_PROTECT: return EACCES;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS: return EEXIST;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL: return ENOSPC;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_COMMITMENT_LIMIT: return ENOMEM;
    case ERROR_TOO_MANY_OPEN_FILES: return EMFILE;
    case ERROR_BAD_EXE_FORMAT: return ENOEXEC;
    case ERROR_FILENAME_EXCED_RANGE: return ENAMETOOLONG;
    default: return EIO;
  }
}

std::string environment(const char* name) {
  const wchar_t* value = _wgetenv(fs::path(name).c_str());
  return value == nullptr ? "" : fs::path(value).string();
}

std::uint32_t random_number() {
  static std::atomic<std::uint32_t> calls{0};
  LARGE_INTEGER ticks{};
  QueryPerformanceCounter(&ticks);
  return (GetCurrentProcessId() * 2654435761U) ^ ticks.LowPart ^ (++calls << 20U);
}

double load_of_system() {
  return 0;
}

bool log_is_terminal() {
  const HANDLE stream = GetStdHandle(STD_ERROR_HANDLE);
  DWORD mode = 0;
  return GetConsoleMode(stream, &mode) != 0 &&
         SetConsoleMode(stream, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

std::string library_file_name(const std::string& letters) {
  return letters + ".dll";
}

// What Windows itself has under the name of ONNX Runtime is its own and old.
std::vector<std::string> searched_names(const std::string& /*letters*/) {
  return {};
}

std::vector<fs::path> library_folders() {
  return {};
}

void* load_library(const std::string& file, std::string& problem) {
  const std::wstring name = fs::absolute(file).make_preferred().wstring();
  // Libraries that it needs are searched beside it.
  const HMODULE library = LoadLibraryExW(name.c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  if (library == nullptr) problem = file + ": " + text_of(GetLastError());
  return library;
}

void* symbol_of(void* library, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(library), name));
}

std::string file_of(const void* address) {
  return own_file(address).string();
}

fs::path own_file(const void* address) {
  HMODULE module = nullptr;
  const bool found = GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                            GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                                        static_cast<LPCWSTR>(address), &module) != 0;
  return found ? file_of_module(module) : fs::path();
}

}  // namespace tv2onnx::platform
