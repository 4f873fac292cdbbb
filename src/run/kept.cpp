#include "run/kept.h"

#include <fmt/format.h>

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

/// The first that is not taken and is the same thing as `one`; or the count.
std::size_t partner_of(const Detection& one, const Detections& others,
                       const std::vector<bool>& taken) {
  std::size_t k = 0;
  while (k < others.size() && (taken[k] || others[k].label != one.label ||
                               overlap(others[k].box, one.box) < kSamePlace)) {
    ++k;
  }
  return k;
}

}  // namespace

void count_kept(const Detections& expected, const Detections& found, Kept& kept) {
  std::vector<bool> taken(found.size());
  std::vector<bool> is_found(expected.size());
  for (std::size_t k = 0; k < expected.size(); ++k) {
    if (expected[k].score < kConfident) continue;
    ++kept.confident;
    const std::size_t partner = partner_of(expected[k], found, taken);
    if (partner == found.size()) continue;
    taken[partner] = is_found[k] = true;
    ++kept.again;
  }
  for (std::size_t k = 0; k < found.size(); ++k) {
    if (taken[k] || found[k].score < kConfident) continue;
    const std::size_t partner = partner_of(found[k], expected, is_found);
    if (partner == expected.size()) {
      ++kept.added;
    } else {
      is_found[partner] = true;
    }
  }
}

std::string fault_of(const Kept& kept, double fewest) {
  if (kept.share() < fewest) {
    return fmt::format("{:.1f} % of the confident detections are kept, fewer than {:.1f} %",
                       100 * kept.share(), 100 * fewest);
  }
  if (static_cast<double>(kept.added) <= (1 - fewest) * static_cast<double>(kept.confident))
    return "";
  return fmt::format("{} confident detections are new, for {} of the original", kept.added,
                     kept.confident);
}

}  // namespace tv2onnx
