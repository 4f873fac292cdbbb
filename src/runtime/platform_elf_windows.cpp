#include "runtime/platform_elf.h"

namespace tv2onnx {

// Windows refuses to load a library that is cut off.
std::string damage_of_library(const std::filesystem::path& /*path*/) {
  return "";
}

}  // namespace tv2onnx
