#include "cli/detect_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "run/image_files.h"
#include "tv2onnx/error.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

Error unreadable(const fs::path& path, const std::error_code& problem) {
  return Error({.code = "C001", .found = problem.message(), .where = {.file = path.string()}});
}

/// As in listings of folders: the "._1.jpg" that macOS lays beside a photo is none, and a hidden
/// frame would be one more of a clip.
bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

/// Goes on behind what cannot be read, which is added to `images.problems`.
void add_images_in(const fs::path& folder, bool recursive, Images& images) {
  std::error_code problem;
  std::vector<fs::path> entries;
  std::vector<fs::path> inside;
  for (fs::directory_iterator at(folder, problem); !problem && at != fs::directory_iterator();
       at.increment(problem)) {
    if (is_hidden(at->path())) continue;
    std::error_code loops;
    const fs::file_status status = at->status(loops);
    const bool image = is_image_name(at->path());
    if (image && loops && loops != std::errc::no_such_file_or_directory) {
      images.problems.push_back(unreadable(at->path(), loops));
    }
    if (image && fs::is_regular_file(status)) entries.push_back(at->path());
    // A link to a folder may lead back to where it is. What the folder itself says of its entries
    // is asked: an entry that cannot be looked at is then opened, which says why.
    if (recursive && !at->is_symlink(loops) && at->is_directory(loops))
      inside.push_back(at->path());
  }
  if (problem) images.problems.push_back(unreadable(folder, problem));
  images.files.insert(images.files.end(), entries.begin(), entries.end());
  for (const fs::path& each : inside) add_images_in(each, recursive, images);
}

Images images_in(const fs::path& folder, bool recursive) {
  Images images;
  add_images_in(folder, recursive, images);
  std::ranges::sort(images.files);
  return images;
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

Images collect_images(const std::vector<std::string>& inputs, bool recursive) {
  Images images;
  for (const std::string& input : inputs) {
    std::error_code ignored;
    if (!fs::is_directory(input, ignored)) {
      images.files.emplace_back(input);
      continue;
    }
    const Images found = images_in(input, recursive);
    if (found.files.empty() && !found.problems.empty()) throw Error(found.problems.front());
    if (found.files.empty()) {
      throw Error({.code = "I005",
                   .found = "no image in this folder",
                   .where = {.file = input},
                   .expected = "files named *.jpg, *.jpeg, *.png, *.webp or *.bmp",
                   .hint = recursive ? "" : "--recursive looks into the folders inside it too"});
    }
    images.files.insert(images.files.end(), found.files.begin(), found.files.end());
    images.problems.insert(images.problems.end(), found.problems.begin(), found.problems.end());
  }
  return images;
}

void require_other_file(const std::string& output, const std::string& other,
                        const std::vector<fs::path>& pictures) {
  std::error_code ignored;
  const auto place_of = [&](const fs::path& path) {
    return fs::weakly_canonical(fs::absolute(path).parent_path(), ignored) / path.filename();
  };
  // Devices and pipes take what comes from several.
  const fs::file_status status = fs::status(output, ignored);
  if (output.empty() || output == "-" || (fs::exists(status) && !fs::is_regular_file(status)))
    return;
  const fs::path place = place_of(output);
  const fs::path folder = pictures.empty() ? fs::path() : place_of(pictures.front()).parent_path();
  const bool drawn = std::ranges::any_of(pictures, [&](const fs::path& picture) {
    return place.filename() == picture.filename() && place.parent_path() == folder;
  });
  if (!drawn && (other.empty() || other == "-" || place != place_of(other))) return;
  throw Error({.code = "U003",
               .found = "two outputs of the command are one file",
               .where = {.file = output},
               .hint = "give each its own name"});
}

void require_other_folder(const std::string& folder, const std::string& other) {
  std::error_code ignored;
  if (folder.empty() || other.empty() || !fs::equivalent(folder, other, ignored)) return;
  throw Error({.code = "U003",
               .found = "two outputs of the command go into one folder",
               .where = {.file = folder},
               .hint = "give each its own folder"});
}

std::vector<fs::path> plan_pictures(const std::vector<fs::path>& images, const fs::path& folder,
                                    bool overwrite, const std::string& ending) {
  create_folder(folder);
  std::vector<fs::path> targets;
  std::set<fs::path> taken;
  for (const fs::path& image : images) {
    const std::string own = is_jpeg_name(image) ? ".jpg" : ".png";
    const std::string& extension = ending.empty() ? own : ending;
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
