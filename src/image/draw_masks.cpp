// Masks that let the photo shine through, with an outline that stays visible where others overlap.

#include <algorithm>
#include <cmath>
#include <ranges>
#include <vector>

#include "image/drawing_style.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

constexpr int kOpacity = 115;  // of 255

Rect rectangle_of(const PixelMask& mask) {
  return {static_cast<int>(mask.x), static_cast<int>(mask.y),
          static_cast<int>(mask.inside.shape[1]), static_cast<int>(mask.inside.shape[0])};
}

/// Whether a pixel of the image belongs to the mask.
bool covers(const PixelMask& mask, const Rect& place, int x, int y) {
  if (x < place.x || y < place.y || x >= place.right() || y >= place.bottom()) return false;
  const auto row = static_cast<std::size_t>(y - place.y) * static_cast<std::size_t>(place.width);
  return mask.inside.as<std::uint8_t>()[row + static_cast<std::size_t>(x - place.x)] != 0;
}

bool is_on_rim(const PixelMask& mask, const Rect& place, int x, int y) {
  return covers(mask, place, x, y) &&
         !(covers(mask, place, x - 1, y) && covers(mask, place, x + 1, y) &&
           covers(mask, place, x, y - 1) && covers(mask, place, x, y + 1));
}

void fill(const Pixels& pixels, const PixelMask& mask, const Rgb& colour) {
  const Rect place = rectangle_of(mask);
  const Rect visible = common_part(place, area_of(pixels));
  for (int y = visible.y; y < visible.bottom(); ++y) {
    for (int x = visible.x; x < visible.right(); ++x) {
      if (covers(mask, place, x, y)) blend(pixels.at(x, y), colour, kOpacity);
    }
  }
}

Rect grown(const Rect& rect, int by) {
  return {rect.x - by, rect.y - by, rect.width + 2 * by, rect.height + 2 * by};
}

/// How much of each pixel of an area a pen covers that goes along the rim of a mask.
class RimCoverage {
 public:
  RimCoverage(const Rect& area, double width)
      : area_(area),
        values_(static_cast<std::size_t>(area.width) * static_cast<std::size_t>(area.height)),
        reach_(static_cast<int>(std::ceil(width / 2))) {
    for (int y = -reach_; y <= reach_; ++y) {
      for (int x = -reach_; x <= reach_; ++x) {
        const double part = std::clamp((width + 1) / 2 - std::sqrt(x * x + y * y), 0.0, 1.0);
        pen_.push_back(static_cast<std::uint8_t>(std::lround(255 * part)));
      }
    }
  }

  int reach() const { return reach_; }

  void touch(int x, int y) {
    const Rect pen{x - reach_, y - reach_, 2 * reach_ + 1, 2 * reach_ + 1};
    const Rect visible = common_part(pen, area_);
    for (int row = visible.y; row < visible.bottom(); ++row) {
      for (int column = visible.x; column < visible.right(); ++column) {
        std::uint8_t& value = values_[offset(area_, column, row)];
        value = std::max(value, pen_[offset(pen, column, row)]);
      }
    }
  }

  void blend_into(const Pixels& pixels, const Rgb& colour) const {
    for (int y = area_.y; y < area_.bottom(); ++y) {
      for (int x = area_.x; x < area_.right(); ++x) {
        blend(pixels.at(x, y), colour, values_[offset(area_, x, y)]);
      }
    }
  }

 private:
  static std::size_t offset(const Rect& rect, int x, int y) {
    return static_cast<std::size_t>(y - rect.y) * static_cast<std::size_t>(rect.width) +
           static_cast<std::size_t>(x - rect.x);
  }

  Rect area_;
  std::vector<std::uint8_t> values_;
  int reach_;
  std::vector<std::uint8_t> pen_;
};

void outline(const Pixels& pixels, const PixelMask& mask, int width, const Rgb& colour) {
  const Rect place = rectangle_of(mask);
  RimCoverage coverage(common_part(grown(place, width), area_of(pixels)), width);
  const Rect near = common_part(place, grown(area_of(pixels), coverage.reach()));
  for (int y = near.y; y < near.bottom(); ++y) {
    for (int x = near.x; x < near.right(); ++x) {
      if (is_on_rim(mask, place, x, y)) coverage.touch(x, y);
    }
  }
  coverage.blend_into(pixels, colour);
}

}  // namespace

Tensor draw_masks(const Tensor& image, std::span<const DrawnMask> masks) {
  Pixels pixels = copied_pixels(image);
  const DrawingStyle style = style_of(pixels);
  for (const DrawnMask& drawn : masks) check_mask(drawn.mask);
  for (const DrawnMask& drawn : masks | std::views::reverse) {
    fill(pixels, drawn.mask, colour_of(drawn.colour));
  }
  for (const DrawnMask& drawn : masks | std::views::reverse) {
    outline(pixels, drawn.mask, style.rimmed(), kRim);
    outline(pixels, drawn.mask, style.line, colour_of(drawn.colour));
  }
  return tensor_of(std::move(pixels));
}

}  // namespace tv2onnx
