// Which object was taken for what, by sure results alone: what people look at, where average
// precision looks at the order of all.

#include <algorithm>
#include <functional>
#include <map>
#include <span>

#include "base/stable_sort.h"
#include "coco/similarity.h"
#include "tv2onnx/average_precision.h"

namespace tv2onnx {
namespace {

constexpr double kSamePlaceAt = 0.5;

struct Image {
  std::vector<const CocoObject*> truth;
  std::vector<const CocoObject*> found;
};

bool has_category(const CocoAnnotations& annotations, std::int64_t id) {
  return std::ranges::binary_search(annotations.categories, id, {}, &CocoCategory::id);
}

std::map<std::int64_t, Image> images_of(const CocoAnnotations& annotations,
                                        const std::vector<CocoObject>& results, double score) {
  std::map<std::int64_t, Image> images;
  for (const CocoObject& object : annotations.objects) {
    images[object.image].truth.push_back(&object);
  }
  for (const CocoObject& result : results) {
    if (!(result.score >= score) || !has_category(annotations, result.category)) continue;
    images[result.image].found.push_back(&result);
  }
  return images;
}

/// The objects of an image that are still to be found.
class Open {
 public:
  Open(const Image& image, CocoKind kind)
      : image_(image), kind_(kind), taken_(image.truth.size()) {}

  /// The likest one at the same place.
  const CocoObject* take(const CocoObject& found, bool any_category) {
    std::size_t best = taken_.size();
    double most = kSamePlaceAt;
    for (std::size_t k = 0; k < taken_.size(); ++k) {
      const CocoObject& truth = *image_.truth[k];
      if (taken_[k] || truth.ignored || !(any_category || truth.category == found.category))
        continue;
      const double likeness = similarity_of(found, truth, kind_);
      if (likeness < most || (best < taken_.size() && likeness == most)) continue;
      most = likeness;
      best = k;
    }
    if (best == taken_.size()) return nullptr;
    taken_[best] = true;
    return image_.truth[best];
  }
  bool in_crowd(const CocoObject& found) const {
    return std::ranges::any_of(image_.truth, [&](const CocoObject* truth) {
      return truth->ignored && truth->category == found.category &&
             similarity_of(found, *truth, kind_) >= kSamePlaceAt;
    });
  }
  void add_missed(std::vector<CocoPair>& pairs) const {
    for (std::size_t k = 0; k < taken_.size(); ++k) {
      if (!taken_[k] && !image_.truth[k]->ignored) pairs.push_back({image_.truth[k], nullptr});
    }
  }

 private:
  const Image& image_;
  CocoKind kind_;
  std::vector<bool> taken_;
};

void add_pairs(Image image, CocoKind kind, std::vector<CocoPair>& pairs) {
  sort_stably(image.found, std::ranges::greater(), &CocoObject::score);
  Open open(image, kind);
  // What is right first: a wrong result must not take an object from a right one.
  std::vector<const CocoObject*> rest;
  for (const CocoObject* found : image.found) {
    const CocoObject* truth = open.take(*found, false);
    if (truth != nullptr) {
      pairs.push_back({truth, found});
    } else if (!open.in_crowd(*found)) {
      rest.push_back(found);
    }
  }
  for (const CocoObject* found : rest) pairs.push_back({open.take(*found, true), found});
  open.add_missed(pairs);
}

}  // namespace

std::vector<CocoPair> coco_pairs(const CocoAnnotations& annotations,
                                 const std::vector<CocoObject>& results, CocoKind kind,
                                 double score) {
  std::vector<CocoPair> pairs;
  for (auto& [id, image] : images_of(annotations, results, score)) {
    add_pairs(std::move(image), kind, pairs);
  }
  return pairs;
}

CocoConfusion coco_confusion(const CocoAnnotations& annotations,
                             const std::vector<CocoPair>& pairs) {
  const std::vector<CocoCategory>& categories = annotations.categories;
  const std::size_t side = categories.size() + 1;
  CocoConfusion confusion{categories, std::vector<std::size_t>(side * side)};
  const auto place = [&](const CocoObject* object) {
    if (object == nullptr) return categories.size();
    const auto at = std::ranges::lower_bound(categories, object->category, {}, &CocoCategory::id);
    return static_cast<std::size_t>(at - categories.begin());
  };
  for (const CocoPair& pair : pairs) {
    ++confusion.counts[place(pair.truth) * side + place(pair.found)];
  }
  return confusion;
}

}  // namespace tv2onnx
