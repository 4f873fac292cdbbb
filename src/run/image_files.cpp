#include "run/image_files.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace tv2onnx {

namespace fs = std::filesystem;

namespace {

std::string lower_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return extension;
}

}  // namespace

bool is_jpeg_name(const fs::path& path) {
  const std::string extension = lower_extension(path);
  return extension == ".jpg" || extension == ".jpeg";
}

bool is_image_name(const fs::path& path) {
  constexpr std::array<std::string_view, 3> kOthers{".png", ".webp", ".bmp"};
  return is_jpeg_name(path) || std::ranges::find(kOthers, lower_extension(path)) != kOthers.end();
}

std::vector<fs::path> image_files_in(const fs::path& folder) {
  std::error_code problem;
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator at(folder, problem);
       !problem && at != fs::recursive_directory_iterator(); at.increment(problem)) {
    std::error_code ignored;
    if (is_image_name(at->path()) && at->is_regular_file(ignored)) files.push_back(at->path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace tv2onnx
