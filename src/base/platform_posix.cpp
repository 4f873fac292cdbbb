#include <dlfcn.h>
#include <link.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstdlib>

#include "base/platform.h"

namespace tv2onnx::platform {

namespace fs = std::filesystem;

const char* const kPython = "python3";
const char* const kPlainInShell = "/._-+=";

std::string in_quotes(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::uint32_t random_number() {
  std::uint32_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number) {
    number = static_cast<std::uint32_t>(::getpid());
  }
  return number;
}

double load_of_system() {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 ? load : 0;
}

bool log_is_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

std::string library_file_name(const std::string& letters) {
  return "lib" + letters + ".so";
}

std::vector<std::string> searched_names(const std::string& letters) {
  const std::string name = library_file_name(letters);
  return {name + ".1", name};
}

std::vector<fs::path> library_folders() {
  std::vector<fs::path> folders{"/usr/local/lib", "/usr/lib", "/usr/lib64"};
  std::error_code ignored;
  for (fs::directory_iterator entry("/usr/lib", ignored), end; entry != end;
       entry.increment(ignored)) {
    if (entry->path().filename().string().ends_with("-linux-gnu")) {
      folders.push_back(entry->path());
    }
  }
  return folders;
}

void* load_library(const std::string& file, std::string& problem) {
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) problem = ::dlerror();
  return library;
}

void* symbol_of(void* library, const char* name) {
  return ::dlsym(library, name);
}

std::string file_of(const void* address) {
  Dl_info info{};
  return ::dladdr(address, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "";
}

fs::path own_file(const void* address) {
  Dl_info info{};
  link_map* map = nullptr;
  const int found =
      ::dladdr1(address, &info, reinterpret_cast<void**>(&map), static_cast<int>(RTLD_DL_LINKMAP));
  std::error_code ignored;
  // The program itself has no name in the list of loaded objects.
  const bool shared = found != 0 && map != nullptr && *map->l_name != '\0';
  return shared ? fs::canonical(map->l_name, ignored) : fs::read_symlink("/proc/self/exe", ignored);
}

}  // namespace tv2onnx::platform
