// The numbers by which COCO's files know images.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/mapped_file.h"
#include "base/text.h"
#include "coco/annotations.h"
#include "tv2onnx/coco.h"
#include "tv2onnx/error.h"
#include "tv2onnx/setting.h"

namespace tv2onnx {
namespace {

/// What the annotations know by a file name (without folders).
struct Known {
  std::int64_t id = 0;
  std::size_t count = 0;  ///< images of that name
};

[[noreturn]] void refuse(std::string found) {
  throw Error({.code = "U005",
               .found = std::move(found),
               .expected = "COCO annotations: {\"images\": [{\"file_name\": ..., \"id\": ...}]}"});
}

std::map<std::string, Known> ids_in(const Setting& annotations) {
  const Setting* images = annotations.find("images");
  if (images == nullptr || images->list() == nullptr) refuse("no list of images");
  std::map<std::string, Known> ids;
  for (std::size_t k = 0; k < images->list()->size(); ++k) {
    const Setting& image = (*images->list())[k];
    const Setting* name = image.find("file_name");
    const Setting* id = image.find("id");
    if (name == nullptr || name->string() == nullptr) {
      refuse(fmt::format("image {} has no file_name", k));
    }
    if (id == nullptr || id->integer() == nullptr) {
      refuse(fmt::format("the id of image {} is no whole number", k));
    }
    Known& known = ids[std::filesystem::path(*name->string()).filename().string()];
    known.id = *id->integer();
    ++known.count;
  }
  return ids;
}

std::vector<std::int64_t> ids_of(const Paths& images, const std::map<std::string, Known>& known,
                                 const std::string& annotations) {
  std::vector<std::int64_t> ids;
  std::set<std::string> asked;
  for (const auto& image : images) {
    const std::string name = image.filename().string();
    const auto entry = known.find(name);
    const std::string shown = printable(name);
    const auto fail = [&](std::string found) {
      throw Error({.code = "U002", .found = std::move(found), .where = {.file = annotations}});
    };
    if (entry == known.end()) fail(fmt::format("the annotations have no image named '{}'", shown));
    if (entry->second.count > 1) {
      fail(fmt::format("the annotations have {} images named '{}'", entry->second.count, shown));
    }
    if (!asked.insert(name).second) {
      fail(fmt::format("two images are named '{}', and the annotations have one", shown));
    }
    ids.push_back(entry->second.id);
  }
  return ids;
}

std::vector<std::int64_t> ids_in_file(const Paths& images, const std::string& annotations) {
  try {
    return annotated_ids(images, read_text_file(annotations), annotations);
  } catch (const Error& error) {
    throw error.in_file(annotations);
  }
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

std::vector<std::int64_t> annotated_ids(const Paths& images, std::string_view json,
                                        const std::string& name) {
  return ids_of(images, ids_in(parse_json(json)), name);
}

std::vector<std::int64_t> coco_image_ids(const Paths& images, const std::string& annotations) {
  if (!annotations.empty()) return ids_in_file(images, annotations);
  std::vector<std::int64_t> ids;
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
