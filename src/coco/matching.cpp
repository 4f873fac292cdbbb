#include "coco/matching.h"

#include <algorithm>
#include <span>
#include <utility>

namespace tv2onnx {
namespace {

/// The object that a result belongs to at one overlap; truth.size() if none. `order` has those that
/// are ignored last: they are taken only if no other fits.
std::size_t match_of(const Scene& scene, std::size_t found, double least,
                     std::span<const std::pair<bool, std::size_t>> order,
                     const std::vector<bool>& taken) {
  const std::size_t none = scene.truth.size();
  std::size_t best = none;
  bool best_ignored = false;
  for (const auto& [ignored, k] : order) {
    if (taken[k] && !scene.truth[k]->crowd) continue;
    if (best != none && !best_ignored && ignored) break;
    const double likeness = scene.likeness[found * scene.truth.size() + k];
    if (likeness < least) continue;
    least = likeness;
    best = k;
    best_ignored = ignored;
  }
  return best;
}

}  // namespace

double overlap_at(std::size_t t) {
  return t + 1 == kOverlaps ? 0.95 : static_cast<double>(t) * ((0.95 - 0.5) / 9) + 0.5;
}

std::size_t match(const Scene& scene, const AreaRange& area, std::vector<Matched>& all) {
  std::vector<std::pair<bool, std::size_t>> order;
  for (std::size_t k = 0; k < scene.truth.size(); ++k) {
    order.emplace_back(scene.truth[k]->ignored || !area.has(scene.truth[k]->area), k);
  }
  std::ranges::sort(order);
  const std::size_t first = all.size();
  for (std::size_t d = 0; d < scene.found.size(); ++d) {
    all.push_back({scene.found[d]->score, d, scene.image, {}, {}});
  }
  for (std::size_t t = 0; t < kOverlaps; ++t) {
    std::vector<bool> taken(scene.truth.size());
    for (std::size_t d = 0; d < scene.found.size(); ++d) {
      Matched& result = all[first + d];
      const std::size_t k = match_of(scene, d, overlap_at(t), order, taken);
      const bool hit = k < scene.truth.size();
      result.hit[t] = hit;
      result.ignored[t] = hit ? scene.truth[k]->ignored || !area.has(scene.truth[k]->area)
                              : !area.has(scene.found[d]->area);
      if (hit) taken[k] = true;
    }
  }
  return static_cast<std::size_t>(
      std::ranges::count(order, false, &std::pair<bool, std::size_t>::first));
}

}  // namespace tv2onnx
