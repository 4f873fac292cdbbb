#include "coco/mask_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// Goes through the pieces in which two masks do not change: visit(length, in_first, in_second).
template <typename Visit>
void visit_both(const RunLengths& first, const RunLengths& second, Visit visit) {
  std::size_t a = 0;
  std::size_t b = 0;
  std::uint64_t left_a = first.counts.empty() ? 0 : first.counts[0];
  std::uint64_t left_b = second.counts.empty() ? 0 : second.counts[0];
  while (a < first.counts.size() && b < second.counts.size()) {
    const std::uint64_t length = std::min(left_a, left_b);
    if (length > 0) visit(length, a % 2 == 1, b % 2 == 1);
    left_a -= length;
    left_b -= length;
    if (left_a == 0 && ++a < first.counts.size()) left_a = first.counts[a];
    if (left_b == 0 && ++b < second.counts.size()) left_b = second.counts[b];
  }
}

RunLengths united(const RunLengths& first, const RunLengths& second) {
  RunLengths all{first.height, first.width, {0}};
  bool inside = false;
  visit_both(first, second, [&](std::uint64_t length, bool in_first, bool in_second) {
    if ((in_first || in_second) != inside) {
      inside = !inside;
      all.counts.push_back(0);
    }
    all.counts.back() += static_cast<std::uint32_t>(length);
  });
  return all;
}

/// A corner in fifths of pixels.
struct FinePoint {
  int x;
  int y;
};

constexpr int kScale = 5;

/// Where a line crosses columns of pixels, as the points that pycocotools draws of it do: places
/// counted down the columns. Of those points only two beside each crossing are computed.
class Crossings {
 public:
  Crossings(std::int64_t height, std::int64_t width, std::vector<std::uint32_t>& places)
      : height_(height), width_(width), places_(places) {}

  void add_line(FinePoint from, FinePoint to) {
    const int dx = std::abs(to.x - from.x);
    const int dy = std::abs(to.y - from.y);
    if (dx == 0) return;
    if (dx >= dy) {
      if (from.x > to.x) std::swap(from, to);
      add_flat(from, to, static_cast<double>(to.y - from.y) / dx);
    } else {
      if (from.y > to.y) std::swap(from, to);
      add_steep(from, to, static_cast<double>(to.x - from.x) / dy);
    }
  }

 private:
  static constexpr int kBefore = kScale / 2;  ///< fifths before the middle of a pixel

  /// The first such place that is not left of x.
  static int first_from(int x) {
    if (x <= kBefore) return kBefore;
    return x + (kScale - (x - kBefore) % kScale) % kScale;
  }
  void add(int x, int y) {
    const std::int64_t column = (x - kBefore) / kScale;
    if (column > width_ - 1) return;
    // The first row that is not above (y + 0.5) / kScale - 0.5.
    const std::int64_t row = y <= kBefore ? 0 : (y - kBefore + kScale - 1) / kScale;
    places_.push_back(static_cast<std::uint32_t>(column * height_ + std::min(row, height_)));
  }
  void add_flat(FinePoint from, FinePoint to, double slope) {
    const auto row = [&](int x) { return static_cast<int>(from.y + slope * (x - from.x) + 0.5); };
    for (int x = first_from(from.x); x < to.x; x += kScale) add(x, std::min(row(x), row(x + 1)));
  }
  void add_steep(FinePoint from, FinePoint to, double slope) {
    const auto column = [&](int step) { return static_cast<int>(from.x + slope * step + 0.5); };
    const int steps = to.y - from.y;
    const int right = std::max(from.x, to.x);
    for (int x = first_from(std::min(from.x, to.x)); x < right; x += kScale) {
      // The first step at the other side of the crossing: about where the line is there.
      const auto beyond = [&](int step) { return (column(step) > x) == (slope > 0); };
      int step = static_cast<int>((x + 0.5 - from.x) / slope);
      step = std::clamp(step, 1, steps);
      while (step > 1 && beyond(step - 1)) --step;
      while (!beyond(step)) ++step;
      add(x, from.y + step - 1);
    }
  }

  std::int64_t height_;
  std::int64_t width_;
  std::vector<std::uint32_t>& places_;
};

std::vector<std::uint32_t> crossings_of(const std::vector<double>& polygon, std::int64_t height,
                                        std::int64_t width) {
  const auto corner = [&](std::size_t k) {
    k %= polygon.size() / 2;
    return FinePoint{static_cast<int>(kScale * polygon[2 * k] + 0.5),
                     static_cast<int>(kScale * polygon[2 * k + 1] + 0.5)};
  };
  std::vector<std::uint32_t> places;
  Crossings crossings(height, width, places);
  for (std::size_t k = 0; k < polygon.size() / 2; ++k) crossings.add_line(corner(k), corner(k + 1));
  return places;
}

RunLengths runs_of_polygon(const std::vector<double>& polygon, std::int64_t height,
                           std::int64_t width) {
  std::vector<std::uint32_t> places = crossings_of(polygon, height, width);
  places.push_back(static_cast<std::uint32_t>(height * width));
  std::ranges::sort(places);
  std::adjacent_difference(places.begin(), places.end(), places.begin());
  RunLengths runs{height, width, {}};
  runs.counts.reserve(places.size());
  runs.counts.push_back(places[0]);
  for (std::size_t k = 1; k < places.size(); ++k) {
    if (places[k] > 0) {
      runs.counts.push_back(places[k]);
    } else if (++k < places.size()) {
      runs.counts.back() += places[k];  // two crossings at one place undo each other
    }
  }
  return runs;
}

[[noreturn]] void refuse_runs(std::string found) {
  throw Error({.code = "U005",
               .found = std::move(found),
               .expected = "run lengths as pycocotools writes them"});
}

}  // namespace

RunLengths runs_of_counts(std::vector<std::uint32_t> counts, std::int64_t height,
                          std::int64_t width) {
  const std::uint64_t total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (total != static_cast<std::uint64_t>(height * width)) {
    refuse_runs(
        fmt::format("run lengths of {} pixels for an image of {}x{}", total, height, width));
  }
  counts.shrink_to_fit();  // masks are what takes memory
  return {height, width, std::move(counts)};
}

RunLengths runs_of_text(std::string_view text, std::int64_t height, std::int64_t width) {
  std::vector<std::uint32_t> counts;
  for (std::size_t k = 0; k < text.size();) {
    std::int64_t number = 0;
    int shift = 0;
    for (bool more = true; more; ++k, shift += 5) {
      const int group = k < text.size() ? text[k] - '0' : -1;
      if (group < 0 || group > 0x3F || shift > 35)
        refuse_runs("a segmentation of other characters");
      number |= static_cast<std::int64_t>(group & 0x1F) << shift;
      more = (group & 0x20) != 0;
      if (!more && (group & 0x10) != 0) number -= std::int64_t{1} << (shift + 5);
    }
    if (counts.size() > 2) number += counts[counts.size() - 2];
    if (number < 0 || number > height * width)
      refuse_runs(fmt::format("a run of {} pixels", number));
    counts.push_back(static_cast<std::uint32_t>(number));
  }
  return runs_of_counts(std::move(counts), height, width);
}

RunLengths runs_of_polygons(const std::vector<std::vector<double>>& polygons, std::int64_t height,
                            std::int64_t width) {
  RunLengths all = runs_of_polygon(polygons.at(0), height, width);
  for (std::size_t k = 1; k < polygons.size(); ++k) {
    all = united(all, runs_of_polygon(polygons[k], height, width));
  }
  return all;
}

double area_of(const RunLengths& mask) {
  std::uint64_t area = 0;
  for (std::size_t k = 1; k < mask.counts.size(); k += 2) area += mask.counts[k];
  return static_cast<double>(area);
}

std::array<double, 4> box_of(const RunLengths& mask) {
  std::int64_t x1 = mask.width;
  std::int64_t y1 = mask.height;
  std::int64_t x2 = 0;
  std::int64_t y2 = 0;
  std::int64_t place = 0;
  for (std::size_t k = 0; k < mask.counts.size(); place += mask.counts[k++]) {
    if (k % 2 == 0 || mask.counts[k] == 0) continue;
    const std::int64_t last = place + mask.counts[k] - 1;
    const std::int64_t first_column = place / mask.height;
    const std::int64_t last_column = last / mask.height;
    const bool several = first_column != last_column;
    x1 = std::min(x1, first_column);
    x2 = std::max(x2, last_column + 1);
    y1 = several ? 0 : std::min(y1, place % mask.height);
    y2 = several ? mask.height : std::max(y2, last % mask.height + 1);
  }
  if (x2 == 0) return {};
  return {static_cast<double>(x1), static_cast<double>(y1), static_cast<double>(x2 - x1),
          static_cast<double>(y2 - y1)};
}

double overlap_of(const RunLengths& found, const RunLengths& truth, bool crowd) {
  std::uint64_t both = 0;
  std::uint64_t either = 0;
  visit_both(found, truth, [&](std::uint64_t length, bool in_found, bool in_truth) {
    if (in_found && in_truth) both += length;
    if (in_found || in_truth) either += length;
  });
  if (both == 0) return 0;
  return static_cast<double>(both) / (crowd ? area_of(found) : static_cast<double>(either));
}

}  // namespace tv2onnx
