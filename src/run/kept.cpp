#include "run/kept.h"

#include <algorithm>
#include <array>
#include <vector>

namespace tv2onnx {
namespace {

constexpr float kConfident = 0.5F;
constexpr double kSamePlace = 0.9;

double overlap(const std::array<float, 4>& a, const std::array<float, 4>& b) {
  const auto area = [](const std::array<float, 4>& box) {
    return (double{box[2]} - box[0]) * (double{box[3]} - box[1]);
  };
  const double width = double{std::min(a[2], b[2])} - std::max(a[0], b[0]);
  const double height = double{std::min(a[3], b[3])} - std::max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  return width * height / (area(a) + area(b) - width * height);
}

}  // namespace

void count_kept(const Detections& expected, const Detections& found, Kept& kept) {
  std::vector<bool> taken(found.size());
  for (const Detection& one : expected) {
    if (one.score < kConfident) continue;
    ++kept.confident;
    for (std::size_t k = 0; k < found.size(); ++k) {
      if (taken[k] || found[k].label != one.label) continue;
      if (overlap(found[k].box, one.box) < kSamePlace) continue;
      taken[k] = true;
      ++kept.again;
      break;
    }
  }
}

}  // namespace tv2onnx
