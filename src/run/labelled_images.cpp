#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/mapped_file.h"
#include "base/text.h"
#include "run/image_files.h"
#include "tv2onnx/error.h"
#include "tv2onnx/evaluate.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(std::string found, const fs::path& source, std::string expected) {
  throw Error({.code = "U002",
               .found = std::move(found),
               .where = {.file = source.string()},
               .expected = std::move(expected)});
}

/// Names of folders have no spaces where those of classes have.
std::string folded(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, ' ', '_');
  return text;
}

std::optional<std::int64_t> label_of(std::string_view text, const std::vector<std::string>& names) {
  for (std::size_t k = 0; k < names.size(); ++k) {
    if (folded(names[k]) == folded(text)) return static_cast<std::int64_t>(k);
  }
  return std::nullopt;
}

std::vector<fs::path> folders_in(const fs::path& source) {
  std::error_code problem;
  std::vector<fs::path> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(source, problem)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  if (problem) {
    throw Error({.code = "C001", .found = problem.message(), .where = {.file = source.string()}});
  }
  std::ranges::sort(folders);
  return folders;
}

LabelledImages of_folders(const fs::path& source, const std::vector<std::string>& names,
                          std::int64_t classes) {
  const std::vector<fs::path> folders = folders_in(source);
  LabelledImages found;
  std::vector<std::int64_t> labels;
  if (folders.empty() && !image_files_in(source).empty()) {
    refuse("images, and no folders of classes", source,
           "a folder for each class, named as it; of segmentation label maps in another folder: "
           "--labels FOLDER");
  }
  for (const fs::path& folder : folders) {
    if (const auto label = label_of(folder.filename().string(), names)) labels.push_back(*label);
  }
  if (!folders.empty() && labels.size() == folders.size()) {
    found.rule = "folders are named as the classes";
  } else if (!folders.empty() && labels.empty() &&
             classes == static_cast<std::int64_t>(folders.size())) {
    found.rule = "folders in the order of their names are the classes, as in ImageFolder";
    for (std::int64_t k = 0; k < classes; ++k) labels.push_back(k);
  } else if (!folders.empty()) {
    refuse(fmt::format("{}, of which {} are named as classes of the model",
                       counted(folders.size(), "folder"), labels.size()),
           source, fmt::format("a folder for each class, named as it, or {} folders", classes));
  }
  for (std::size_t k = 0; k < folders.size(); ++k) {
    for (fs::path& image : image_files_in(folders[k])) {
      found.images.push_back({std::move(image), labels[k]});
    }
  }
  return found;
}

/// A line of a list: everything up to the last tab or space is the path.
LabelledImage entry_of(std::string_view line, const fs::path& source,
                       const std::vector<std::string>& names, std::int64_t classes) {
  std::size_t end = line.rfind('\t');
  if (end == std::string_view::npos) end = line.rfind(' ');
  const bool both = end != std::string_view::npos && end > 0;
  const std::string_view text = both ? line.substr(end + 1) : "";
  std::optional<std::int64_t> label = both ? label_of(text, names) : std::nullopt;
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool numeric = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  if (!label && numeric && !text.empty()) label = number;
  if (!label || *label < 0 || (classes > 0 && *label >= classes)) {
    refuse(fmt::format("the line '{}'", printable(line, 200)), source,
           "a path, a tab or space, and a class of the model, by name or number from 0");
  }
  const fs::path path(line.substr(0, end));
  return {path.is_absolute() ? path : source.parent_path() / path, *label};
}

LabelledImages of_list(const fs::path& source, const std::vector<std::string>& names,
                       std::int64_t classes) {
  LabelledImages found{{}, "as the list says"};
  const std::string all = read_text_file(source.string());
  std::string_view text = all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) found.images.push_back(entry_of(line, source, names, classes));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

}  // namespace

LabelledImages labelled_images(const fs::path& source, const std::vector<std::string>& names,
                               std::int64_t classes) {
  std::error_code ignored;
  LabelledImages found = fs::is_directory(source, ignored) ? of_folders(source, names, classes)
                                                           : of_list(source, names, classes);
  if (!found.images.empty()) return found;
  // Neither folders nor images, or folders without any.
  throw Error({.code = "I005",
               .found = "no image of any class",
               .where = {.file = source.string()},
               .expected = "files named *.jpg, *.jpeg, *.png, *.webp or *.bmp in a folder for each "
                           "class, or a list of them"});
}

}  // namespace tv2onnx
