#include <fmt/format.h>

#include <map>

#include "base/text.h"
#include "run/image_files.h"
#include "tv2onnx/error.h"
#include "tv2onnx/segmentation_scores.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> images_in(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    throw Error(
        {.code = "C001",
         .found = fs::exists(folder, ignored) ? "it is no folder" : "there is no such folder",
         .where = {.file = folder.string()}});
  }
  std::vector<fs::path> files = image_files_in(folder);
  if (!files.empty()) return files;
  throw Error({.code = "I005",
               .found = "no image in this folder",
               .where = {.file = folder.string()},
               .expected = "files named *.jpg, *.jpeg, *.png, *.webp or *.bmp"});
}

/// "street/0001" of street/0001.jpg
std::string stem_of(const fs::path& file, const fs::path& folder) {
  return file.lexically_relative(folder).replace_extension().generic_string();
}

std::map<std::string, fs::path> by_stem(const fs::path& folder) {
  std::map<std::string, fs::path> files;
  for (const fs::path& file : images_in(folder)) {
    const auto [place, added] = files.emplace(stem_of(file, folder), file);
    if (added) continue;
    throw Error({.code = "U002",
                 .found = fmt::format("{} and {} have one name",
                                      printable(place->second.filename().string()),
                                      printable(file.filename().string())),
                 .where = {.file = folder.string()},
                 .expected = "a photo and a label map of each name"});
  }
  return files;
}

}  // namespace

LabelledPhotos labelled_photos(const fs::path& photos, const fs::path& labels) {
  const std::map<std::string, fs::path> all = by_stem(photos);
  LabelledPhotos found;
  std::vector<fs::path> without;
  for (const auto& [stem, file] : by_stem(labels)) {
    const auto photo = all.find(stem);
    if (photo == all.end()) {
      without.push_back(file);
    } else {
      found.photos.push_back({photo->second, file});
    }
  }
  if (without.empty()) {
    found.unlabelled = all.size() - found.photos.size();
    return found;
  }
  throw Error({.code = "U002",
               .found = fmt::format("{} of {} label maps have no photo, the first is {}",
                                    without.size(), without.size() + found.photos.size(),
                                    printable(without.front().string())),
               .where = {.file = photos.string()},
               .expected = "a photo of the same name, whatever its ending, for each label map"});
}

}  // namespace tv2onnx
