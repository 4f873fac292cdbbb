#include "cli/class_names.h"

#include <fstream>

#include "tv2onnx/error.h"

namespace tv2onnx::cli {

std::vector<std::string> read_class_names(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) lines.push_back(line);
  }
  if (lines.empty()) {
    throw Error({.code = "C001",
                 .found = "no class names can be read",
                 .where = {.file = path},
                 .expected = "one name per line"});
  }
  return lines;
}

}  // namespace tv2onnx::cli
