// Outlines of masks, walked along the edges between pixels. cv::findContours would give the centres
// of the outermost pixels instead, a shape that is one pixel too small.

#include <array>
#include <span>

#include "image/pixels.h"
#include "tv2onnx/coco.h"

namespace tv2onnx {
namespace {

struct Point {
  std::int64_t x;
  std::int64_t y;
  bool operator==(const Point&) const = default;
};

// East, south, west, north: each is a right turn from the one before it.
constexpr std::array<Point, 4> kSteps{{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};
/// The pixel ahead and on the right of a corner, for each heading.
constexpr std::array<Point, 4> kRight{{{0, 0}, {-1, 0}, {-1, -1}, {0, -1}}};
constexpr std::size_t kEast = 0;

class Walker {
 public:
  explicit Walker(const PixelMask& mask)
      : inside_(mask.inside.as<std::uint8_t>()),
        height_(mask.inside.shape[0]),
        width_(mask.inside.shape[1]),
        walked_(inside_.size()) {}

  std::vector<std::vector<Point>> outlines() {
    std::vector<std::vector<Point>> all;
    for (std::int64_t y = 0; y < height_; ++y) {
      for (std::int64_t x = 0; x < width_; ++x) {
        const bool top_edge = in({x, y}) && !in({x, y - 1});
        if (top_edge && !walked_[index({x, y})]) all.push_back(walk({x, y}));
      }
    }
    return all;
  }

 private:
  std::size_t index(Point p) const { return static_cast<std::size_t>(p.y * width_ + p.x); }
  bool in(Point p) const {
    return p.x >= 0 && p.y >= 0 && p.x < width_ && p.y < height_ && inside_[index(p)] != 0;
  }

  /// Corners of the outline that begins eastwards at `start`, the object always on the right.
  std::vector<Point> walk(Point start) {
    std::vector<Point> corners;
    Point at = start;
    std::size_t heading = kEast;
    do {
      if (heading == kEast) walked_[index(at)] = true;
      at = {at.x + kSteps[heading].x, at.y + kSteps[heading].y};
      const auto pixel = [&](std::size_t towards) {
        return in({at.x + kRight[towards].x, at.y + kRight[towards].y});
      };
      const std::size_t left = (heading + 3) % 4;
      std::size_t next = heading;
      if (!pixel(heading)) {
        next = (heading + 1) % 4;
      } else if (pixel(left)) {
        next = left;
      }
      if (next != heading) corners.push_back(at);
      heading = next;
    } while (!(at == start && heading == kEast));
    return corners;
  }

  std::span<const std::uint8_t> inside_;
  std::int64_t height_;
  std::int64_t width_;
  std::vector<bool> walked_;  ///< top edges of pixels
};

/// Whether the outline goes around its object clockwise; those of holes go the other way.
bool is_outer(const std::vector<Point>& corners) {
  std::int64_t twice_area = 0;
  for (std::size_t k = 0; k < corners.size(); ++k) {
    const Point& a = corners[k];
    const Point& b = corners[(k + 1) % corners.size()];
    twice_area += a.x * b.y - b.x * a.y;
  }
  return twice_area > 0;
}

}  // namespace

std::vector<Polygon> mask_polygons(const PixelMask& mask) {
  check_mask(mask);
  std::vector<Polygon> polygons;
  for (const std::vector<Point>& corners : Walker(mask).outlines()) {
    if (!is_outer(corners)) continue;
    Polygon& polygon = polygons.emplace_back();
    for (const Point& corner : corners) {
      polygon.insert(polygon.end(), {mask.x + corner.x, mask.y + corner.y});
    }
  }
  return polygons;
}

}  // namespace tv2onnx
