#include "jobs/image_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "base/hash.h"
#include "base/mapped_file.h"
#include "base/text.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

void require_distinct(const ImageList& list, const std::filesystem::path& path) {
  // Of millions of lines a number each, not a node of a set.
  std::vector<std::pair<std::size_t, std::uint32_t>> keys;
  keys.reserve(list.lines.size());
  for (std::size_t k = 0; k < list.lines.size(); ++k) {
    keys.emplace_back(std::hash<std::string_view>()(list.lines[k]), static_cast<std::uint32_t>(k));
  }
  std::ranges::sort(keys);
  for (std::size_t k = 1; k < keys.size(); ++k) {
    const auto& [hash, line] = keys[k];
    const auto& [other_hash, other] = keys[k - 1];
    if (hash != other_hash || list.lines[line] != list.lines[other]) continue;
    throw Error({.code = "U002",
                 .found = fmt::format("images {} and {} of the list are one file: {}", other + 1,
                                      line + 1, printable(list.lines[line])),
                 .where = {.file = path.string()},
                 .hint = "sort -u LIST lists each once"});
  }
}

}  // namespace

void read_image_list(const std::filesystem::path& path, ImageList& list) {
  list.text = read_text_file(path);
  list.hash = hash_digits(list.text);
  list.lines.clear();
  std::string_view rest = list.text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) list.lines.push_back(line);
  }
  if (list.lines.empty()) {
    throw Error({.code = "I005",
                 .found = "no image is listed",
                 .where = {.file = path.string()},
                 .expected = "the path of an image on each line"});
  }
  require_distinct(list, path);
}

}  // namespace tv2onnx
