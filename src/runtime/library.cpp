#include "runtime/library.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/own_place.h"
#include "base/platform.h"
#include "base/text.h"
#include "runtime/platform_elf.h"
#include "tv2onnx/error.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

// The oldest API with everything used here (session config entries, key list of the metadata).
constexpr unsigned kOldestApi = 11;
constexpr const char* kLetters = "onnxruntime";
constexpr const char* kEntry = "OrtGetApiBase";

/// Files of this library in a folder, newest name first.
std::vector<std::string> libraries_in(const fs::path& folder) {
  std::vector<std::string> found;
  const std::string name = platform::library_file_name(kLetters);
  std::error_code ignored;
  for (fs::directory_iterator entry(folder, ignored), end; entry != end; entry.increment(ignored)) {
    if (entry->path().filename().string().starts_with(name)) {
      found.push_back(entry->path().string());
    }
  }
  std::ranges::sort(found, std::greater<>());
  return found;
}

/// What to try, in order, and the same as text for the message when nothing works.
struct Candidates {
  std::vector<std::string> paths;
  std::vector<std::string> looked;

  void add_file_or_folder(const std::string& path, const std::string& origin) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      add_folder(path, origin);
    } else {
      looked.push_back(fmt::format("looked at {} ({})", printable(path), origin));
      paths.push_back(path);
    }
  }

  void add_folder(const fs::path& folder, const std::string& origin) {
    const std::vector<std::string> found = libraries_in(folder);
    paths.insert(paths.end(), found.begin(), found.end());
    looked.push_back(fmt::format("looked in {} ({}): {}", printable(folder.string()), origin,
                                 found.empty()
                                     ? fmt::format("no {}*", platform::library_file_name(kLetters))
                                     : fmt::format("{} file(s)", found.size())));
  }
};

void add_system(Candidates& candidates) {
  const std::vector<std::string> names = platform::searched_names(kLetters);
  candidates.paths.insert(candidates.paths.end(), names.begin(), names.end());
  if (!names.empty()) {
    candidates.looked.push_back(fmt::format("asked the dynamic linker for {}", names.front()));
  }
  for (const fs::path& folder : platform::library_folders())
    candidates.add_folder(folder, "system");
}

/// What was shipped with this program or shared object, wherever both were moved to.
void add_own(Candidates& candidates) {
  const fs::path own = own_folder();
  if (own.empty()) return;
  if (const fs::path checkout = checkout_of(own); !checkout.empty()) {
    candidates.add_folder(checkout / ".cache" / "onnxruntime" / "lib", "fetched by scripts/setup");
  }
  candidates.add_folder(own, "beside the program or library");
  // Of PREFIX/bin, of PREFIX/lib and of PREFIX/lib/TRIPLET.
  for (const char* place : {"../lib/tv2onnx", "tv2onnx", "../tv2onnx"}) {
    candidates.add_folder((own / place).lexically_normal(), "installed");
  }
}

/// A library that was named is the only candidate: falling back silently to another version would
/// verify with a runtime that the caller did not mean.
Candidates candidates_for(const std::string& library) {
  Candidates candidates;
  if (!library.empty()) {
    candidates.add_file_or_folder(library, "as asked for");
    return candidates;
  }
  if (const std::string named = platform::environment("TV2ONNX_ORT"); !named.empty()) {
    candidates.add_file_or_folder(named, "TV2ONNX_ORT");
    return candidates;
  }
  add_own(candidates);
  add_system(candidates);
  return candidates;
}

unsigned minor_version(std::string_view version) {
  const std::size_t dot = version.find('.');
  if (dot == std::string_view::npos) return 0;
  unsigned minor = 0;
  std::from_chars(version.data() + dot + 1, version.data() + version.size(), minor);
  return minor;
}

void ORT_API_CALL ignore_log(void*, OrtLoggingLevel, const char*, const char*, const char*,
                             const char*) {}

std::unique_ptr<Runtime> start(void* handle, const std::string& path) {
  using GetBase = const OrtApiBase*(ORT_API_CALL*)();
  const auto get_base = reinterpret_cast<GetBase>(platform::symbol_of(handle, kEntry));
  if (get_base == nullptr) {
    throw Error({.code = "R001",
                 .found = "the library has no OrtGetApiBase: it is not ONNX Runtime",
                 .where = {.file = path, .offset = {}, .item = {}}});
  }
  auto runtime = std::make_unique<Runtime>();
  runtime->path = path;
  runtime->version = get_base()->GetVersionString();
  // GetApi prints to stderr when asked for a version it does not have; release 1.N has API N.
  const unsigned api = std::min<unsigned>(ORT_API_VERSION, minor_version(runtime->version));
  runtime->api_level = api;
  runtime->api = api < kOldestApi ? nullptr : get_base()->GetApi(api);
  if (runtime->api == nullptr) {
    throw Error({.code = "R004",
                 .found = fmt::format("ONNX Runtime {} is too old", runtime->version),
                 .where = {.file = path, .offset = {}, .item = {}},
                 .expected = fmt::format("1.{} or newer", kOldestApi)});
  }
  runtime->check(runtime->api->CreateEnvWithCustomLogger(
                     ignore_log, nullptr, ORT_LOGGING_LEVEL_FATAL, "tv2onnx", &runtime->env),
                 "R001", "ONNX Runtime does not start", path);
  return runtime;
}

/// The path of the loaded file, also when the dynamic linker searched for it.
std::string loaded_path(void* library, const std::string& asked) {
  const void* symbol = platform::symbol_of(library, kEntry);
  const std::string file = symbol == nullptr ? "" : platform::file_of(symbol);
  return file.empty() ? asked : file;
}

std::unique_ptr<Runtime> find_and_start(const std::string& library) {
  const Candidates candidates = candidates_for(library);
  std::vector<std::string> details = candidates.looked;
  for (const std::string& path : candidates.paths) {
    const bool searched = !fs::path(path).has_parent_path();  // by the dynamic linker
    const std::string damage = searched ? "" : damage_of_library(path);
    if (!damage.empty()) {
      details.push_back(fmt::format("{}: {}; fetch it again", printable(path), damage));
      continue;
    }
    std::string reason;
    void* handle = platform::load_library(path, reason);
    if (handle != nullptr) return start(handle, loaded_path(handle, path));
    // "Not there" is what the lines above say; another reason is worth a line of its own.
    if (!searched) details.push_back(printable(reason, 300));
  }
  throw Error({.code = "R001",
               .found = "no ONNX Runtime (libonnxruntime) was found that can be loaded",
               .details = std::move(details),
               .hint = "run scripts/setup, install libonnxruntime, or name the library with "
                       "--runtime or TV2ONNX_ORT"});
}

}  // namespace

void Runtime::check(OrtStatus* status, ErrorCode code, const std::string& found,
                    const std::string& file) const {
  if (status == nullptr) return;
  std::string message = api->GetErrorMessage(status);
  api->ReleaseStatus(status);
  const bool refused = code == "R002";
  throw Error(
      {.code = code,
       .found = found,
       .where = {.file = file, .offset = {}, .item = {}},
       .details = {"runtime   " + printable(message, 2000)},
       .hint = refused ? "to see what is wrong with the file: tv2onnx doctor " + shell_quoted(file)
                       : ""});
}

const Runtime& load_runtime(const std::string& library) {
  static std::mutex mutex;
  static auto& loaded = *new std::map<std::string, std::unique_ptr<Runtime>>;
  const std::lock_guard lock(mutex);
  const std::string key = library.empty() ? platform::environment("TV2ONNX_ORT") : library;
  std::unique_ptr<Runtime>& slot = loaded[key];
  if (slot == nullptr) slot = find_and_start(library);
  return *slot;
}

std::pair<std::string, std::string> find_runtime(const std::string& library) {
  const Runtime& runtime = load_runtime(library);
  return {runtime.path, runtime.version};
}

}  // namespace tv2onnx
