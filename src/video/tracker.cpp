#include "video/tracker.h"

#include <algorithm>
#include <tuple>

namespace tv2onnx {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct Pair {
  double overlap = 0;
  std::size_t known = 0;
  std::size_t detection = 0;
};

double area(double x1, double y1, double x2, double y2) {
  return std::max(0.0, x2 - x1) * std::max(0.0, y2 - y1);
}

}  // namespace

double box_overlap(const std::array<float, 4>& a, const std::array<float, 4>& b) {
  const double inside =
      area(std::max(a[0], b[0]), std::max(a[1], b[1]), std::min(a[2], b[2]), std::min(a[3], b[3]));
  const double all = area(a[0], a[1], a[2], a[3]) + area(b[0], b[1], b[2], b[3]) - inside;
  return inside > 0 ? inside / all : 0;
}

std::vector<std::int64_t> Tracker::update(const Detections& detections) {
  std::vector<Pair> pairs;
  for (std::size_t k = 0; k < known_.size(); ++k) {
    for (std::size_t d = 0; d < detections.size(); ++d) {
      if (known_[k].label != detections[d].label) continue;
      const double overlap = box_overlap(known_[k].box, detections[d].box);
      if (overlap >= options_.least) pairs.push_back({overlap, k, d});
    }
  }
  // Of equal ones the older object and the surer detection come first.
  std::ranges::sort(pairs, {}, [](const Pair& pair) {
    return std::tuple(-pair.overlap, pair.known, pair.detection);
  });
  std::vector<std::size_t> owner(detections.size(), kNone);
  std::vector<bool> seen(known_.size(), false);
  for (const Pair& pair : pairs) {
    if (seen[pair.known] || owner[pair.detection] != kNone) continue;
    seen[pair.known] = true;
    owner[pair.detection] = pair.known;
  }
  for (Known& one : known_) ++one.unseen;
  std::vector<std::int64_t> ids;
  for (std::size_t d = 0; d < detections.size(); ++d) {
    if (owner[d] == kNone) {
      owner[d] = known_.size();
      known_.push_back({++last_id_, detections[d].label, {}, 0});
    }
    Known& one = known_[owner[d]];
    one.box = detections[d].box;
    one.unseen = 0;
    ids.push_back(one.id);
  }
  std::erase_if(known_, [&](const Known& one) { return one.unseen > options_.patience; });
  return ids;
}

}  // namespace tv2onnx
