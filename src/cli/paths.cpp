#include "cli/paths.h"

#include <fmt/format.h>

#include "tv2onnx/error.h"

namespace tv2onnx::cli {

void require_file_name(const std::string& path, const std::string& option,
                       const std::string& example) {
  if (path != "-") return;
  throw Error({.code = "U002",
               .found = "only a file can be written here, not stdout",
               .where = {.item = option + " -"},
               .hint = fmt::format("give a name: {} {}", option, example)});
}

}  // namespace tv2onnx::cli
