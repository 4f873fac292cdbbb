#pragma once
// The process, its environment and shared libraries, as far as operating systems differ; see
// platform_files.h.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace tv2onnx::platform {

/// A variable of the environment, or "".
std::string environment(const char* name);

/// Any number, another one each time.
std::uint32_t random_number();

/// How many processes wanted a processor on average in the last minute; 0 if that is not known.
double load_of_system();

/// Whether what is written to stderr is seen at once, by somebody whose terminal knows escape
/// sequences.
bool log_is_terminal();

/// What Python's interpreter is called where it is in PATH.
extern const char* const kPython;

/// What a word for the shell here may have without quotes, beside letters and digits.
extern const char* const kPlainInShell;
/// The word in quotes, whatever is in it: for sh, or for Windows' cmd and PowerShell.
std::string in_quotes(const std::string& word);

/// The file of the shared library with these letters in its name: how such files begin.
std::string library_file_name(const std::string& letters);
/// Names of its major version 1 that the system's loader searches for.
std::vector<std::string> searched_names(const std::string& letters);
/// Where the system has libraries.
std::vector<std::filesystem::path> library_folders();

/// Loads a shared library; null, and why, if that cannot be. It stays to the end.
void* load_library(const std::string& file, std::string& problem);
/// Null if it has none.
void* symbol_of(void* library, const char* name);
/// The file that the code or data at an address came from, as the loader calls it, or "".
std::string file_of(const void* address);
/// The same for code of this project, which may be the program itself: the file behind all links.
std::filesystem::path own_file(const void* address);

}  // namespace tv2onnx::platform
