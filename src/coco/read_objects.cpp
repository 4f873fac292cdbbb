// Annotations and results of COCO, read from JSON.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "base/json_items.h"
#include "base/mapped_file.h"
#include "base/text.h"
#include "coco/entry.h"
#include "coco/mask_runs.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kPoints = 17;  // of COCO's persons
constexpr std::int64_t kLargestSide = 1 << 15;

constexpr const char* kAnnotations =
    "COCO annotations: {\"images\": [...], \"categories\": [...], \"annotations\": [...]}";
constexpr const char* kResults =
    "COCO results: a list of {\"image_id\", \"category_id\", \"score\", \"bbox\" or "
    "\"segmentation\" or \"keypoints\"}";

std::array<double, 4> box_in(const Entry& entry) {
  const std::vector<double> box = entry.numbers(entry.member("bbox"), "bbox");
  if (box.size() != 4) entry.refuse("bbox has not 4 numbers");
  return {box[0], box[1], box[2], box[3]};
}

RunLengths polygons_in(const Entry& entry, const SettingList& list, const CocoPhoto& photo) {
  std::vector<std::vector<double>> polygons;
  for (const Setting& one : list) {
    polygons.push_back(entry.numbers(one, "segmentation"));
    if (polygons.back().size() < 6 || polygons.back().size() % 2 != 0) {
      entry.refuse("a polygon of segmentation has not three corners or more");
    }
  }
  if (polygons.empty()) entry.refuse("segmentation is empty");
  return runs_of_polygons(polygons, photo.height, photo.width);
}

RunLengths mask_in(const Entry& entry, const CocoPhoto& photo) {
  const Setting& segmentation = entry.member("segmentation");
  if (segmentation.list() != nullptr) return polygons_in(entry, *segmentation.list(), photo);
  const Setting* size = segmentation.find("size");
  const Setting* counts = segmentation.find("counts");
  if (size == nullptr || counts == nullptr) entry.refuse("segmentation has no size or counts");
  const std::vector<double> sides = entry.numbers(*size, "size");
  const std::vector<double> photo_sides{static_cast<double>(photo.height),
                                        static_cast<double>(photo.width)};
  if (sides != photo_sides) entry.refuse("segmentation is not of its image's height and width");
  try {
    if (counts->string() != nullptr) {
      return runs_of_text(*counts->string(), photo.height, photo.width);
    }
    std::vector<std::uint32_t> lengths;
    for (const double length : entry.numbers(*counts, "counts")) {
      if (length < 0 || std::floor(length) != length) entry.refuse("counts has what is no length");
      lengths.push_back(static_cast<std::uint32_t>(length));
    }
    return runs_of_counts(std::move(lengths), photo.height, photo.width);
  } catch (const Error& error) {
    entry.refuse(error.parts().found);
  }
}

std::vector<double> keypoints_in(const Entry& entry) {
  std::vector<double> points = entry.numbers(entry.member("keypoints"), "keypoints");
  if (points.size() != 3 * kPoints) {
    entry.refuse(
        fmt::format("keypoints has {} numbers; the similarity is defined for 17 points of "
                    "x, y and visibility",
                    points.size()));
  }
  return points;
}

/// \throws Error U005 unless the root has all lists of annotations.
void require_lists(const Setting& root) {
  for (const char* key : {"images", "categories", "annotations"}) {
    const Setting* found = root.find(key);
    if (found != nullptr && found->list() != nullptr) continue;
    const bool results = root.list() != nullptr;
    throw Error({.code = "U005",
                 .found = results ? "a list, as of results" : fmt::format("no list of {}", key),
                 .expected = kAnnotations});
  }
}

const CocoPhoto* photo_of(const std::vector<CocoPhoto>& photos, std::int64_t id) {
  const auto found = std::ranges::lower_bound(photos, id, {}, &CocoPhoto::id);
  return found != photos.end() && found->id == id ? &*found : nullptr;
}

template <typename Item>
void sort_by_id(std::vector<Item>& items, const char* noun) {
  std::ranges::sort(items, {}, &Item::id);
  const auto twice = std::ranges::adjacent_find(items, {}, &Item::id);
  if (twice == items.end()) return;
  throw Error({.code = "U005",
               .found = fmt::format("two {} have the id {}", noun, twice->id),
               .expected = kAnnotations});
}

CocoPhoto photo_in(const Entry& entry, CocoKind kind) {
  CocoPhoto photo{.id = entry.integer("id"), .file_name = {}};
  const Setting* name = entry.value.find("file_name");
  if (name != nullptr && name->string() != nullptr) photo.file_name = *name->string();
  if (kind != CocoKind::kMasks) return photo;
  photo.height = entry.integer("height");
  photo.width = entry.integer("width");
  const bool whole = photo.height > 0 && photo.width > 0 && photo.height <= kLargestSide &&
                     photo.width <= kLargestSide;
  if (!whole) entry.refuse(fmt::format("a size of {}x{}", photo.height, photo.width));
  return photo;
}

CocoCategory category_in(const Entry& entry) {
  const Setting* name = entry.value.find("name");
  return {entry.integer("id"), name != nullptr && name->string() != nullptr ? *name->string() : ""};
}

CocoObject object_in(const Entry& entry, const CocoAnnotations& annotations, CocoKind kind) {
  CocoObject object{.image = entry.integer("image_id"), .category = entry.integer("category_id")};
  const CocoPhoto* photo = photo_of(annotations.images, object.image);
  if (photo == nullptr) entry.refuse(fmt::format("no image has the id {}", object.image));
  object.crowd = entry.value.find("iscrowd") != nullptr && entry.integer("iscrowd") != 0;
  object.ignored = object.crowd;
  object.area = entry.number("area");
  if (kind != CocoKind::kMasks) object.box = box_in(entry);
  if (kind == CocoKind::kMasks) {
    object.mask = mask_in(entry, *photo);
    object.box = box_of(object.mask);
  }
  if (kind == CocoKind::kKeypoints) {
    object.keypoints = keypoints_in(entry);
    object.ignored = object.ignored || entry.integer("num_keypoints") == 0;
  }
  return object;
}

/// Width times height of the rectangle around the points.
double area_around(const std::vector<double>& points) {
  std::array<double, 2> low{points[0], points[1]};
  std::array<double, 2> high = low;
  for (std::size_t k = 0; k < points.size(); ++k) {
    if (k % 3 == 2) continue;
    low[k % 3] = std::min(low[k % 3], points[k]);
    high[k % 3] = std::max(high[k % 3], points[k]);
  }
  return (high[0] - low[0]) * (high[1] - low[1]);
}

bool has(const Setting& result, const char* key) {
  const Setting* found = result.find(key);
  return found != nullptr && !(found->list() != nullptr && found->list()->empty());
}

CocoObject result_in(const Entry& entry, const CocoAnnotations& annotations, CocoKind kind,
                     bool boxes) {
  CocoObject object{.image = entry.integer("image_id"), .category = entry.integer("category_id")};
  const CocoPhoto* photo = photo_of(annotations.images, object.image);
  if (photo == nullptr) {
    throw Error({.code = "U002",
                 .found = fmt::format("result {} is of image {}, which the annotations do not have",
                                      entry.index, object.image),
                 .expected = "results of the annotated images"});
  }
  object.score = entry.number("score");
  if (kind == CocoKind::kMasks) object.mask = mask_in(entry, *photo);
  if (kind == CocoKind::kKeypoints) object.keypoints = keypoints_in(entry);
  if (boxes || kind == CocoKind::kBoxes) object.box = box_in(entry);
  if (boxes || kind == CocoKind::kBoxes) {
    object.area = object.box[2] * object.box[3];
  } else {
    object.area = kind == CocoKind::kMasks ? area_of(object.mask) : area_around(object.keypoints);
  }
  if (kind == CocoKind::kMasks) object.box = box_of(object.mask);
  return object;
}

template <typename Parse>
auto of_file(const std::filesystem::path& file, Parse parse) {
  try {
    return parse(read_text_file(file));
  } catch (const Error& error) {
    throw error.in_file(file.string());
  }
}

}  // namespace

CocoAnnotations parse_coco_annotations(std::string_view json, CocoKind kind) {
  CocoAnnotations all;
  std::unordered_set<std::int64_t> ids;
  const auto add_object = [&](std::size_t k, const Setting& one) {
    const Entry entry{one, "annotation", k, kAnnotations};
    if (!ids.insert(entry.integer("id")).second) entry.refuse("its id is another one's as well");
    all.objects.push_back(object_in(entry, all, kind));
  };
  require_lists(
      parse_json_items(json, [&](std::string_view list, std::size_t k, const Setting& one) {
        if (list == "images") all.images.push_back(photo_in({one, "image", k, kAnnotations}, kind));
        if (list == "categories")
          all.categories.push_back(category_in({one, "category", k, kAnnotations}));
        if (list != "annotations") return;
        if (k == 0) sort_by_id(all.images, "images");
        if (!all.images.empty()) add_object(k, one);
      }));
  sort_by_id(all.images, "images");
  sort_by_id(all.categories, "categories");
  if (!all.objects.empty()) return all;
  // They stand before the images, and are too many to be kept as they are: once more.
  parse_json_items(json, [&](std::string_view list, std::size_t k, const Setting& one) {
    if (list == "annotations") add_object(k, one);
  });
  return all;
}

std::vector<CocoObject> parse_coco_results(std::string_view json,
                                           const CocoAnnotations& annotations, CocoKind kind) {
  std::vector<CocoObject> results;
  bool boxes = false;
  const Setting root =
      parse_json_items(json, [&](std::string_view list, std::size_t k, const Setting& one) {
        if (!list.empty()) return;
        if (k == 0) boxes = has(one, "bbox");
        results.push_back(result_in({one, "result", k, kResults}, annotations, kind, boxes));
      });
  if (root.list() != nullptr) return results;
  throw Error({.code = "U005", .found = "no list of results", .expected = kResults});
}

CocoAnnotations read_coco_annotations(const std::filesystem::path& file, CocoKind kind) {
  return of_file(file, [&](const std::string& text) { return parse_coco_annotations(text, kind); });
}

std::vector<CocoObject> read_coco_results(const std::filesystem::path& file,
                                          const CocoAnnotations& annotations, CocoKind kind) {
  return of_file(
      file, [&](const std::string& text) { return parse_coco_results(text, annotations, kind); });
}

}  // namespace tv2onnx
