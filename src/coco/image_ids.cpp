// The numbers by which COCO's files know images.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/text.h"
#include "tv2onnx/coco.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

using Paths = std::vector<std::filesystem::path>;

/// file name (without folders) -> id
std::map<std::string, std::int64_t> read_annotations(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw Error(
        {.code = "C001", .found = "the annotations cannot be read", .where = {.file = path}});
  }
  std::map<std::string, std::int64_t> ids;
  try {
    const nlohmann::json annotations = nlohmann::json::parse(file);
    for (const auto& image : annotations.at("images")) {
      const std::filesystem::path name = image.at("file_name").get<std::string>();
      ids[name.filename().string()] = image.at("id").get<std::int64_t>();
    }
  } catch (const nlohmann::json::exception& problem) {
    throw Error(
        {.code = "U005",
         .found = json_problem(problem.what()),
         .where = {.file = path},
         .expected = "COCO annotations: {\"images\": [{\"file_name\": ..., \"id\": ...}]}"});
  }
  return ids;
}

std::optional<std::int64_t> number_in(const std::filesystem::path& image) {
  const std::string stem = image.stem().string();
  std::int64_t number = 0;
  const char* end = stem.data() + stem.size();
  const auto [stop, problem] = std::from_chars(stem.data(), end, number);
  if (problem != std::errc() || stop != end || number < 0) return std::nullopt;
  return number;
}

}  // namespace

std::vector<std::int64_t> coco_image_ids(const Paths& images, const std::string& annotations) {
  std::vector<std::int64_t> ids;
  if (!annotations.empty()) {
    const auto known = read_annotations(annotations);
    for (const auto& image : images) {
      const auto entry = known.find(image.filename().string());
      if (entry == known.end()) {
        throw Error({.code = "U002",
                     .found = fmt::format("the annotations have no image named '{}'",
                                          printable(image.filename().string())),
                     .where = {.file = annotations}});
      }
      ids.push_back(entry->second);
    }
    return ids;
  }
  std::set<std::int64_t> distinct;
  for (const auto& image : images) {
    if (const auto number = number_in(image)) distinct.insert(*number);
  }
  const bool numbered = distinct.size() == images.size();
  for (std::size_t k = 0; k < images.size(); ++k) {
    ids.push_back(numbered ? *number_in(images[k]) : static_cast<std::int64_t>(k) + 1);
  }
  return ids;
}

}  // namespace tv2onnx
