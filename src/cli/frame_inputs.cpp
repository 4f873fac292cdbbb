#include "cli/frame_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "cli/detect_inputs.h"

namespace tv2onnx::cli {
namespace {

namespace fs = std::filesystem;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The digits at the beginning, without zeros in front; `text` gets the rest.
std::string_view take_number(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, is_digit);
  std::string_view number = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(number.size());
  number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  return number;
}

/// Numbers in names count as numbers.
bool is_before(const fs::path& a, const fs::path& b) {
  const std::string first = a.string();
  const std::string second = b.string();
  std::string_view one = first;
  std::string_view other = second;
  while (!one.empty() && !other.empty()) {
    if (is_digit(one.front()) && is_digit(other.front())) {
      const std::string_view x = take_number(one);
      const std::string_view y = take_number(other);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (one.front() != other.front()) return one.front() < other.front();
      one.remove_prefix(1);
      other.remove_prefix(1);
    }
  }
  return one.empty() != other.empty() ? one.empty() : first < second;
}

bool is_folder(const std::string& input) {
  std::error_code ignored;
  return fs::is_directory(input, ignored);
}

/// The images of each folder, in the order of their names.
std::map<fs::path, std::vector<fs::path>> by_folder(const Images& images) {
  std::map<fs::path, std::vector<fs::path>> folders;
  for (const fs::path& file : images.files) folders[file.parent_path()].push_back(file);
  for (auto& [folder, files] : folders) std::ranges::sort(files, is_before);
  return folders;
}

void add_neighbours(const std::vector<fs::path>& frames, Pairs& pairs) {
  for (std::size_t k = 1; k < frames.size(); ++k) pairs.pairs.push_back({frames[k - 1], frames[k]});
}

void add_pairs_in(const std::string& input, bool recursive, Pairs& pairs) {
  const Images images = collect_images({input}, recursive);
  pairs.problems.insert(pairs.problems.end(), images.problems.begin(), images.problems.end());
  for (const auto& [folder, frames] : by_folder(images)) {
    if (frames.size() < 2) {
      throw Error({.code = "I005",
                   .found = "one image in this folder",
                   .where = {.file = folder.string()},
                   .expected = "at least two: a flow is from one to the next"});
    }
    add_neighbours(frames, pairs);
  }
}

[[noreturn]] void refuse_file(const std::string& input) {
  std::error_code ignored;
  if (!fs::exists(input, ignored)) {
    throw Error({.code = "C001", .found = "there is no such folder", .where = {.file = input}});
  }
  throw Error({.code = "U002",
               .found = "a file where a clip is expected",
               .where = {.file = input},
               .expected = "a video (.mp4, .mkv, ...), or a folder with one image for each frame"});
}

}  // namespace

Clips collect_clips(const std::vector<std::string>& inputs, bool recursive) {
  Clips clips;
  for (const std::string& input : inputs) {
    if (!is_folder(input)) refuse_file(input);
    const Images images = collect_images({input}, recursive);
    for (auto& [folder, frames] : by_folder(images)) {
      clips.clips.push_back({folder, std::move(frames)});
    }
    clips.problems.insert(clips.problems.end(), images.problems.begin(), images.problems.end());
  }
  return clips;
}

std::vector<fs::path> picture_names(const std::vector<Clip>& clips) {
  std::vector<fs::path> names;
  for (const Clip& clip : clips) {
    std::error_code ignored;
    const fs::path folder = fs::weakly_canonical(clip.folder, ignored);
    names.emplace_back(folder.filename().string() + clip.frames.front().extension().string());
  }
  return names;
}

Pairs collect_pairs(const std::vector<std::string>& inputs, bool recursive) {
  Pairs pairs;
  const auto folders = std::ranges::count_if(inputs, is_folder);
  if (folders == 0 && inputs.size() > 1) {
    add_neighbours({inputs.begin(), inputs.end()}, pairs);
    return pairs;
  }
  if (static_cast<std::size_t>(folders) != inputs.size()) {
    throw Error({.code = "U002",
                 .found = folders == 0 ? "one image" : "files and folders together",
                 .where = {.file = inputs.front()},
                 .expected = "two images or more, each of which moves into the next, or folders "
                             "of such images"});
  }
  for (const std::string& input : inputs) add_pairs_in(input, recursive, pairs);
  return pairs;
}

}  // namespace tv2onnx::cli
