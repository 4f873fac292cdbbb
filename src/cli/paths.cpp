#include "cli/paths.h"

#include <fmt/format.h>

#include "tv2onnx/onnx.h"

namespace tv2onnx::cli {

void require_file_name(const std::string& path, const std::string& option,
                       const std::string& example) {
  if (path != "-") return;
  throw Error({.code = "U002",
               .found = "only a file can be written here, not stdout",
               .where = {.item = option + " -"},
               .hint = fmt::format("give a name: {} {}", option, example)});
}

void say_more(const Error& refused, const std::string& path) {
  if (refused.code() == "R002" || refused.code() == "C001") read_onnx_summary(path);
}

Detector open_detector(const std::string& path, const SessionOptions& options) {
  try {
    return Detector(path, options);
  } catch (const Error& refused) {
    say_more(refused, path);
    throw;
  }
}

}  // namespace tv2onnx::cli
