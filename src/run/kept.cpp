#include "run/kept.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "base/stable_sort.h"
#include "coco/similarity.h"

namespace tv2onnx {
namespace {

constexpr double kConfident = 0.5;
constexpr double kSame = 0.9;

double overlap(const std::array<float, 4>& a, const std::array<float, 4>& b) {
  const auto area = [](const std::array<float, 4>& box) {
    return (double{box[2]} - box[0]) * (double{box[3]} - box[1]);
  };
  const double width = double{std::min(a[2], b[2])} - std::max(a[0], b[0]);
  const double height = double{std::min(a[3], b[3])} - std::max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  return width * height / (area(a) + area(b) - width * height);
}

/// Of the pixels of both: those over their boxes, which are nearly one, or the image's.
double overlap_of_masks(const InstanceMask& a, const InstanceMask& b) {
  if (a.probabilities.shape != b.probabilities.shape) return 0;
  const std::vector<float> left = to_float(a.probabilities);
  const std::vector<float> right = to_float(b.probabilities);
  double both = 0;
  double either = 0;
  for (std::size_t k = 0; k < left.size(); ++k) {
    const bool in_left = left[k] > 0.5F;
    const bool in_right = right[k] > 0.5F;
    both += in_left && in_right ? 1 : 0;
    either += in_left || in_right ? 1 : 0;
  }
  return either == 0 ? 1 : both / either;
}

/// Object keypoint similarity, with one width for all points, which may be of anything.
double likeness_of_points(const Detection& a, const Detection& b) {
  if (a.keypoints.size() != b.keypoints.size()) return 0;
  constexpr double kWidth = 0.1;
  const double area = (double{a.box[2]} - a.box[0]) * (double{a.box[3]} - a.box[1]);
  double sum = 0;
  for (std::size_t k = 0; k < a.keypoints.size(); ++k) {
    const double dx = double{a.keypoints[k].x} - b.keypoints[k].x;
    const double dy = double{a.keypoints[k].y} - b.keypoints[k].y;
    sum += std::exp(-(dx * dx + dy * dy) / (2 * area * kWidth * kWidth));
  }
  return sum / static_cast<double>(a.keypoints.size());
}

bool is_same(const Detection& a, const Detection& b) {
  if (a.label != b.label || overlap(a.box, b.box) < kSame) return false;
  if (a.mask && b.mask && overlap_of_masks(*a.mask, *b.mask) < kSame) return false;
  return a.keypoints.empty() || likeness_of_points(a, b) >= kSame;
}

/// Counts what `same` says of an expected and a found one, both by their place.
template <typename List, typename Same>
void count(const List& expected, const List& found, const Same& same, Kept& kept) {
  std::vector<bool> taken(found.size());
  std::vector<bool> is_found(expected.size());
  for (std::size_t e = 0; e < expected.size(); ++e) {
    if (expected[e].score < kConfident) continue;
    ++kept.confident;
    std::size_t f = 0;
    while (f < found.size() && (taken[f] || !same(expected[e], found[f]))) ++f;
    if (f == found.size()) continue;
    taken[f] = is_found[e] = true;
    ++kept.again;
  }
  for (std::size_t f = 0; f < found.size(); ++f) {
    if (taken[f] || found[f].score < kConfident) continue;
    std::size_t e = 0;
    while (e < expected.size() && (is_found[e] || !same(expected[e], found[f]))) ++e;
    if (e == expected.size()) {
      ++kept.added;
    } else {
      is_found[e] = true;
    }
  }
}

}  // namespace

void count_kept(const Detections& expected, const Detections& found, Kept& kept) {
  count(expected, found, is_same, kept);
}

Kept kept_of_results(const std::vector<CocoObject>& expected, const std::vector<CocoObject>& found,
                     CocoKind kind) {
  std::map<std::int64_t, std::array<std::vector<CocoObject>, 2>> images;
  for (const CocoObject& one : expected) images[one.image][0].push_back(one);
  for (const CocoObject& one : found) images[one.image][1].push_back(one);
  Kept kept;
  for (auto& [image, lists] : images) {
    for (auto& list : lists) {
      sort_stably(list, std::ranges::greater(), &CocoObject::score);
    }
    const auto same = [&](const CocoObject& a, const CocoObject& b) {
      return a.category == b.category && similarity_of(b, a, kind) >= kSame;
    };
    count(lists[0], lists[1], same, kept);
  }
  return kept;
}

std::string fault_of(const Kept& kept, double fewest, std::string_view things) {
  if (kept.share() < fewest) {
    return fmt::format("{:.1f} % of the {} are kept, fewer than {:.1f} %", 100 * kept.share(),
                       things, 100 * fewest);
  }
  if (static_cast<double>(kept.added) <= (1 - fewest) * static_cast<double>(kept.confident))
    return "";
  return fmt::format("{} confident detections are new, for {} of the original", kept.added,
                     kept.confident);
}

}  // namespace tv2onnx
