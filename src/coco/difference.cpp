// How far two sets of results are apart, and how much of that is the choice of images.

#include <algorithm>
#include <random>

#include "coco/curve.h"
#include "coco/scenes.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// What a category contributes.
struct Part {
  std::vector<Matched> matched;
  std::vector<const Matched*> sorted;
  std::vector<std::pair<std::size_t, std::size_t>> objects;  ///< image, how many
};

std::vector<Part> parts_of(const CocoAnnotations& annotations,
                           const std::vector<CocoObject>& results, CocoKind kind) {
  Scenes scenes = scenes_of(annotations, results);
  std::vector<Part> parts(annotations.categories.size());
  for (std::size_t c = 0; c < parts.size(); ++c) {
    Part& part = parts[c];
    const std::int64_t id = annotations.categories[c].id;
    for (const Scene& scene : prepared_scenes(std::move(scenes[id]), kind)) {
      part.objects.emplace_back(scene.image, match(scene, kAllAreas, part.matched));
    }
    part.sorted = by_score(part.matched, most_results(kind));
  }
  return parts;
}

/// AP of images that count as often as the weights say; negative if they have no object.
double precision_of(const std::vector<Part>& parts, const std::vector<std::uint32_t>& weights) {
  double sum = 0;
  double categories = 0;
  for (const Part& part : parts) {
    std::size_t objects = 0;
    for (const auto& [image, count] : part.objects) objects += count * weights[image];
    if (objects == 0) continue;
    ++categories;
    for (std::size_t t = 0; t < kOverlaps; ++t) {
      sum += curve_of(part.sorted, t, objects, weights).mean() / kOverlaps;
    }
  }
  return categories > 0 ? sum / categories : -1;
}

/// As many images as there are, some of them several times.
void draw(std::mt19937_64& random, std::vector<std::uint32_t>& weights) {
  std::ranges::fill(weights, 0U);
  for (std::size_t k = 0; k < weights.size(); ++k) ++weights[random() % weights.size()];
}

}  // namespace

CocoDifference coco_difference(const CocoAnnotations& annotations,
                               const std::vector<CocoObject>& first,
                               const std::vector<CocoObject>& second, CocoKind kind,
                               std::size_t rounds) {
  const std::array parts{parts_of(annotations, first, kind), parts_of(annotations, second, kind)};
  std::vector<std::uint32_t> weights(annotations.images.size(), 1);
  CocoDifference result{.first = precision_of(parts[0], weights),
                        .second = precision_of(parts[1], weights)};
  if (result.first < 0) {
    throw Error({.code = "U002", .found = "the annotations have no object that counts"});
  }
  std::mt19937_64 random;  // NOLINT: the same numbers each time
  std::vector<double> differences;
  while (differences.size() < rounds) {
    draw(random, weights);
    const double one = precision_of(parts[0], weights);
    if (one < 0) continue;
    differences.push_back(precision_of(parts[1], weights) - one);
  }
  if (differences.empty()) return result;
  std::ranges::sort(differences);
  const std::size_t cut = rounds / 40;  // 2.5 % at either end
  result.rounds = rounds;
  result.low = differences[cut];
  result.high = differences[rounds - 1 - cut];
  return result;
}

}  // namespace tv2onnx
