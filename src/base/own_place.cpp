#include "base/own_place.h"

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "base/platform.h"
#include "base/platform_files.h"

namespace tv2onnx {

namespace fs = std::filesystem;

fs::path own_folder() {
  return platform::own_file(reinterpret_cast<const void*>(&own_folder)).parent_path();
}

namespace {

/// All of a file; "" if it cannot be read.
std::string content_of(const fs::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(platform::open_stream(path),
                                                             std::fclose);
  std::string content;
  std::array<char, 4096> part{};
  while (file) {
    const std::size_t count = std::fread(part.data(), 1, part.size(), file.get());
    if (count == 0) break;
    content.append(part.data(), count);
  }
  return content;
}

}  // namespace

fs::path checkout_of(const fs::path& folder) {
  constexpr int kDepth = 3;  // of programs and libraries in a build tree
  constexpr std::string_view kEntry = "\ntv2onnx_SOURCE_DIR:STATIC=";
  fs::path tree = folder;
  for (int k = 0; k < kDepth && !tree.empty(); ++k, tree = tree.parent_path()) {
    const std::string cache = "\n" + content_of(tree / "CMakeCache.txt");
    const std::size_t entry = cache.find(kEntry);
    if (entry == std::string::npos) continue;
    const std::size_t begin = entry + kEntry.size();
    return cache.substr(begin, cache.find_first_of("\r\n", begin) - begin);
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
