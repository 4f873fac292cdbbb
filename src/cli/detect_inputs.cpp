#include "cli/detect_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

std::string lower_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return extension;
}

bool is_jpeg_name(const fs::path& path) {
  const std::string extension = lower_extension(path);
  return extension == ".jpg" || extension == ".jpeg";
}

bool is_image_name(const fs::path& path) {
  constexpr std::array<std::string_view, 3> kOthers{".png", ".webp", ".bmp"};
  return is_jpeg_name(path) || std::ranges::find(kOthers, lower_extension(path)) != kOthers.end();
}

template <typename Iterator>
std::vector<fs::path> images_in(Iterator entries) {
  std::vector<fs::path> images;
  for (const fs::directory_entry& entry : entries) {
    if (is_image_name(entry.path()) && entry.is_regular_file()) images.push_back(entry.path());
  }
  std::ranges::sort(images);
  return images;
}

std::vector<fs::path> images_in(const fs::path& folder, bool recursive) {
  try {
    return recursive ? images_in(fs::recursive_directory_iterator(folder))
                     : images_in(fs::directory_iterator(folder));
  } catch (const fs::filesystem_error& problem) {
    throw Error({.code = "C001",
                 .found = problem.code().message(),
                 .where = {.file = problem.path1().string()}});
  }
}

void create_folder(const fs::path& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (!problem && fs::is_directory(folder, problem)) return;
  throw Error({.code = "O003",
               .found = fmt::format("the folder cannot be made: {}",
                                    problem ? problem.message() : "a file has its name"),
               .where = {.file = folder.string()}});
}

void require_free(const fs::path& target, const std::vector<fs::path>& images, bool overwrite) {
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(target, ignored))) return;
  for (const fs::path& image : images) {
    if (!fs::equivalent(target, image, ignored)) continue;
    throw Error({.code = "U003",
                 .found = "the picture would overwrite the image that it is drawn on",
                 .where = {.file = target.string()},
                 .hint = "give another folder with -o"});
  }
  if (overwrite) return;
  throw Error({.code = "O004",
               .found = "the output file exists already",
               .where = {.file = target.string()},
               .hint = "-f overwrites it"});
}

}  // namespace

std::vector<fs::path> collect_images(const std::vector<std::string>& inputs, bool recursive) {
  std::vector<fs::path> images;
  for (const std::string& input : inputs) {
    std::error_code ignored;
    if (!fs::is_directory(input, ignored)) {
      images.emplace_back(input);
      continue;
    }
    const std::vector<fs::path> found = images_in(input, recursive);
    if (found.empty()) {
      throw Error({.code = "I005",
                   .found = "no image in this folder",
                   .where = {.file = input},
                   .expected = "files named *.jpg, *.jpeg, *.png, *.webp or *.bmp",
                   .hint = recursive ? "" : "--recursive looks into the folders inside it too"});
    }
    images.insert(images.end(), found.begin(), found.end());
  }
  return images;
}

std::vector<fs::path> plan_pictures(const std::vector<fs::path>& images, const fs::path& folder,
                                    bool overwrite) {
  create_folder(folder);
  std::vector<fs::path> targets;
  std::set<fs::path> taken;
  for (const fs::path& image : images) {
    const std::string extension = is_jpeg_name(image) ? ".jpg" : ".png";
    const std::string stem = image.stem().string();
    fs::path target = folder / (stem + extension);
    for (int k = 2; !taken.insert(target).second; ++k) {
      target = folder / fmt::format("{}_{}{}", stem, k, extension);
    }
    require_free(target, images, overwrite);
    targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace tv2onnx::cli
