#include "base/own_place.h"

#include <fstream>
#include <string>
#include <string_view>

#include "base/platform.h"

namespace tv2onnx {

namespace fs = std::filesystem;

fs::path own_folder() {
  return platform::own_file(reinterpret_cast<const void*>(&own_folder)).parent_path();
}

fs::path checkout_of(const fs::path& folder) {
  constexpr int kDepth = 3;  // of programs and libraries in a build tree
  constexpr std::string_view kEntry = "tv2onnx_SOURCE_DIR:STATIC=";
  fs::path tree = folder;
  for (int k = 0; k < kDepth && !tree.empty(); ++k, tree = tree.parent_path()) {
    std::ifstream cache(tree / "CMakeCache.txt");
    for (std::string line; std::getline(cache, line);) {
      if (line.starts_with(kEntry)) return line.substr(kEntry.size());
    }
  }
  return {};
}

fs::path script_place(std::string_view name) {
  const fs::path own = own_folder();
  if (const fs::path checkout = checkout_of(own); !checkout.empty()) {
    return checkout / "scripts" / name;
  }
  const fs::path scripts = fs::path("share") / "tv2onnx" / name;
  if (const fs::path beside = own / "scripts" / name; fs::exists(beside)) return beside;  // Python
  const fs::path place = own.parent_path() / scripts;  // of PREFIX/bin and PREFIX/lib
  const fs::path deeper = own.parent_path().parent_path() / scripts;  // of PREFIX/lib/TRIPLET
  return fs::exists(deeper) ? deeper : place;
}

}  // namespace tv2onnx
