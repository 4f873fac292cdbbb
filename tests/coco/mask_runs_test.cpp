#include "coco/mask_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace tv2onnx {
namespace {

/// What pycocotools does, point by point: the outline in fifths of pixels, then where it crosses
/// the middle of a column.
std::vector<std::uint32_t> drawn_point_by_point(const std::vector<double>& polygon, int height,
                                                int width) {
  std::vector<std::array<int, 2>> corners;
  for (std::size_t k = 0; k < polygon.size(); k += 2) {
    corners.push_back(
        {static_cast<int>(5 * polygon[k] + 0.5), static_cast<int>(5 * polygon[k + 1] + 0.5)});
  }
  corners.push_back(corners[0]);
  std::vector<std::array<int, 2>> points;
  for (std::size_t k = 0; k + 1 < corners.size(); ++k) {
    auto [x1, y1] = corners[k];
    auto [x2, y2] = corners[k + 1];
    const int dx = std::abs(x2 - x1);
    const int dy = std::abs(y2 - y1);
    const bool flip = (dx >= dy && x1 > x2) || (dx < dy && y1 > y2);
    if (flip) std::swap(x1, x2), std::swap(y1, y2);
    const double slope = dx >= dy ? (dx == 0 ? 0 : static_cast<double>(y2 - y1) / dx)
                                  : static_cast<double>(x2 - x1) / dy;
    for (int d = 0; d <= std::max(dx, dy); ++d) {
      const int t = flip ? std::max(dx, dy) - d : d;
      if (dx >= dy) {
        points.push_back({t + x1, static_cast<int>(y1 + slope * t + 0.5)});
      } else {
        points.push_back({static_cast<int>(x1 + slope * t + 0.5), t + y1});
      }
    }
  }
  std::vector<std::uint32_t> places;
  for (std::size_t k = 1; k < points.size(); ++k) {
    if (points[k][0] == points[k - 1][0]) continue;
    const double x = (std::min(points[k][0], points[k - 1][0]) + 0.5) / 5 - 0.5;
    if (std::floor(x) != x || x < 0 || x > width - 1) continue;
    double y = (std::min(points[k][1], points[k - 1][1]) + 0.5) / 5 - 0.5;
    y = std::ceil(std::clamp(y, 0.0, static_cast<double>(height)));
    places.push_back(
        static_cast<std::uint32_t>(static_cast<int>(x) * height + static_cast<int>(y)));
  }
  std::ranges::sort(places);
  return places;
}

/// Whether each pixel, counted down the columns, is inside.
std::vector<bool> pixels_of(const std::vector<std::uint32_t>& crossings, int count) {
  std::vector<bool> pixels;
  std::size_t passed = 0;
  for (std::uint32_t k = 0; k < static_cast<std::uint32_t>(count); ++k) {
    while (passed < crossings.size() && crossings[passed] <= k) ++passed;
    pixels.push_back(passed % 2 == 1);
  }
  return pixels;
}

std::vector<bool> pixels_of(const RunLengths& runs) {
  std::vector<bool> pixels;
  for (std::size_t k = 0; k < runs.counts.size(); ++k) {
    pixels.insert(pixels.end(), runs.counts[k], k % 2 == 1);
  }
  return pixels;
}

TEST(MaskRuns, APolygonIsWhatDrawingItsOutlineGives) {
  constexpr int kHeight = 37;
  constexpr int kWidth = 53;
  std::mt19937 random;  // NOLINT: the same each time
  const auto number = [&](double least, double most) {
    return least + (most - least) * static_cast<double>(random() % 100000) / 100000;
  };
  for (int round = 0; round < 3000; ++round) {
    // Every fourth one in whole pixels, for lines that are level, upright, or of no length; some
    // reach beyond the image.
    const double reach = round % 3 == 0 ? 20 : 0;
    std::vector<double> polygon;
    const std::size_t numbers = 2 * (3 + random() % 6);
    for (std::size_t k = 0; k < numbers; ++k) {
      const double side = k % 2 == 0 ? kWidth : kHeight;
      const double value = number(-reach, side + reach);
      polygon.push_back(round % 4 == 0 ? std::round(value) : value);
    }
    if (round % 5 == 0) polygon[2] = polygon[0];
    ASSERT_EQ(pixels_of(runs_of_polygons({polygon}, kHeight, kWidth)),
              pixels_of(drawn_point_by_point(polygon, kHeight, kWidth), kHeight * kWidth))
        << "round " << round;
  }
}

}  // namespace
}  // namespace tv2onnx
