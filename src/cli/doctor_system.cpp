#include "cli/doctor_system.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "base/json_text.h"
#include "base/longest_shown.h"
#include "base/text.h"
#include "cli/print.h"
#include "tv2onnx/error.h"
#include "tv2onnx/runtime.h"
#include "video/ffmpeg.h"

namespace tv2onnx::cli {
namespace {

constexpr const char* kMachine =
#if defined(__x86_64__)
    "x86_64";
#elif defined(__aarch64__)
    "aarch64";
#else
    "another";
#endif

/// Those by which ONNX Runtime chooses its code.
std::vector<std::string> processor_features() {
  std::vector<std::string> found;
#if defined(__x86_64__)
  const auto note = [&](bool has, const char* name) {
    if (has) found.emplace_back(name);
  };
  note(__builtin_cpu_supports("sse4.2") != 0, "sse4.2");
  note(__builtin_cpu_supports("avx") != 0, "avx");
  note(__builtin_cpu_supports("avx2") != 0, "avx2");
  note(__builtin_cpu_supports("fma") != 0, "fma");
  note(__builtin_cpu_supports("avx512f") != 0, "avx512f");
  note(__builtin_cpu_supports("avx512vnni") != 0, "avx512vnni");
#endif
  return found;
}

struct System {
  std::string library;
  std::string version;
  std::vector<std::string> providers;
  std::vector<std::string> features;
  unsigned threads = 0;
  std::string ffmpeg;                 ///< "": not there
  std::optional<Error> problem = {};  ///< why there is no ONNX Runtime
};

System look_at_system() {
  System system;
  try {
    std::tie(system.library, system.version) = find_runtime("");
    system.providers = available_providers("");
  } catch (const Error& error) {
    system.problem = error;
  }
  system.features = processor_features();
  system.threads = std::thread::hardware_concurrency();
  try {
    system.ffmpeg = ffmpeg_version();
  } catch (const Error& error) {
    if (error.code() != "I006") throw;
  }
  return system;
}

std::string system_text(const System& system) {
  return fmt::format(
      "tv2onnx       {}\n"
      "ONNX Runtime  {}\n"
      "built with    {}\n"
      "processor     {}, {}: {}\n"
      "ffmpeg        {}\n",
      TV2ONNX_VERSION,
      system.problem ? "not found"
                     : fmt::format("{} ({})", printable(system.version),
                                   printable(system.library, kLongestShown)),
      printable(fmt::format("{}", fmt::join(system.providers, ", ")), 1000), kMachine,
      counted(system.threads, "thread"), fmt::join(system.features, " "),
      system.ffmpeg.empty() ? "not found: videos need it" : printable(system.ffmpeg));
}

std::string system_json(const System& system) {
  return json_text(
             {{"tv2onnx", TV2ONNX_VERSION},
              {"runtime", {{"version", system.version}, {"library", system.library}}},
              {"providers", system.providers},
              {"processor",
               {{"machine", kMachine}, {"threads", system.threads}, {"features", system.features}}},
              {"ffmpeg", system.ffmpeg}}) +
         "\n";
}

}  // namespace

int run_doctor_system(bool json) {
  const System system = look_at_system();
  print_answer("{}", json ? system_json(system) : system_text(system));
  if (!system.problem) return 0;
  print_log("{}\n", system.problem->what());
  return system.problem->exit_code();
}

}  // namespace tv2onnx::cli
