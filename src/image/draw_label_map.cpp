// Label maps: masks that let the photo shine through, and a legend.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <vector>

#include "base/tensor_check.h"
#include "image/label.h"
#include "image/label_tensor.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

/// The rectangle around the pixels of one class.
struct Extremes {
  std::int64_t left = -1;  ///< -1: there is no pixel
  std::int64_t top = 0;
  std::int64_t right = 0;
  std::int64_t bottom = 0;
};

Extremes extremes_of(const Tensor& labels, std::int64_t number) {
  Extremes found;
  const auto values = labels.as<std::int32_t>();
  const std::int64_t width = labels.shape[1];
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (values[k] != number) continue;
    const std::int64_t x = static_cast<std::int64_t>(k) % width;
    const std::int64_t y = static_cast<std::int64_t>(k) / width;
    if (found.left < 0) found = {x, y, x, y};
    found.left = std::min(found.left, x);
    found.right = std::max(found.right, x);
    found.bottom = y;
  }
  return found;
}

std::vector<DrawnMask> masks_of(const Tensor& labels, std::span<const LegendEntry> legend) {
  std::vector<DrawnMask> masks;
  const auto values = labels.as<std::int32_t>();
  for (const LegendEntry& entry : legend) {
    const auto [left, top, right, bottom] = extremes_of(labels, entry.colour);
    if (left < 0) continue;
    std::vector<std::uint8_t> inside;
    for (std::int64_t y = top; y <= bottom; ++y) {
      const auto row = static_cast<std::size_t>(y * labels.shape[1]);
      for (std::int64_t x = left; x <= right; ++x) {
        inside.push_back(values[row + static_cast<std::size_t>(x)] == entry.colour ? 1 : 0);
      }
    }
    masks.push_back(
        {{left, top, make_tensor({bottom - top + 1, right - left + 1}, inside)}, entry.colour});
  }
  return masks;
}

struct Line {
  Lettering letters;
  Rgb colour;
};

/// As many entries as half of the image has room for; the last line says how many are left out.
std::vector<Line> lines_of(std::span<const LegendEntry> legend, const DrawingStyle& style,
                           const Rect& area, int step) {
  const auto room = static_cast<std::size_t>(std::max(1, area.height / (2 * std::max(1, step))));
  const std::size_t shown =
      legend.size() <= room ? legend.size() : std::max<std::size_t>(1, room - 1);
  const int limit = std::max(1, area.width - 2 * style.padding);
  std::vector<Line> lines;
  for (const LegendEntry& entry : legend.first(shown)) {
    lines.push_back({lettering(entry.text, style, limit), colour_of(entry.colour)});
  }
  if (shown < std::min(room, legend.size())) {
    const std::string rest = fmt::format("{} more", legend.size() - shown);
    lines.push_back({lettering(rest, style, limit), kRim});
  }
  return lines;
}

/// The corner in which a rectangle hides fewest pixels of the legend's classes.
Rect in_best_corner(const Rect& size, const Rect& area, const Tensor& labels,
                    const std::set<std::int64_t>& classes) {
  const int right = std::max(0, area.width - size.width);
  const int below = std::max(0, area.height - size.height);
  const auto values = labels.as<std::int32_t>();
  const auto hidden = [&](const std::array<int, 2>& corner) {
    const Rect place = common_part({corner[0], corner[1], size.width, size.height}, area);
    std::int64_t count = 0;
    for (int y = place.y; y < place.bottom(); ++y) {
      const std::size_t row = static_cast<std::size_t>(y) * static_cast<std::size_t>(area.width);
      for (int x = place.x; x < place.right(); ++x) {
        count += classes.contains(values[row + static_cast<std::size_t>(x)]) ? 1 : 0;
      }
    }
    return count;
  };
  const std::array<std::array<int, 2>, 4> corners{{{0, 0}, {right, 0}, {0, below}, {right, below}}};
  const auto best = std::ranges::min(corners, {}, hidden);
  return {best[0], best[1], size.width, size.height};
}

void draw_legend(const Pixels& pixels, const Tensor& labels, std::span<const LegendEntry> legend) {
  const DrawingStyle style = style_of(pixels);
  const Rect area = area_of(pixels);
  const int step = plate_of(lettering("Ag", style, area.width), style).height;
  const std::vector<Line> lines = lines_of(legend, style, area, step);
  Rect all{0, 0, 0, step * static_cast<int>(lines.size())};
  for (const Line& line : lines)
    all.width = std::max(all.width, plate_of(line.letters, style).width);
  std::set<std::int64_t> classes;
  for (const LegendEntry& entry : legend) classes.insert(entry.colour);
  const Rect place = in_best_corner(all, area, labels, classes);
  int top = place.y;
  for (const Line& line : lines) {
    draw_plate(pixels, line.letters, {place.x, top, place.width, step}, line.colour, style);
    top += step;
  }
}

}  // namespace

void require_labels(const Tensor& labels) {
  require_readable(labels);
  const bool numbers = labels.dtype == DType::kInt32 && labels.is_contiguous();
  if (numbers && labels.shape.size() == 2 && labels.size() > 0) return;
  throw Error(
      {.code = "R006",
       .found = fmt::format("a tensor {} {}", dtype_name(labels.dtype), shape_text(labels.shape)),
       .expected = "a label map: contiguous int32 [height,width], not empty"});
}

Tensor draw_label_map(const Tensor& image, const Tensor& labels,
                      std::span<const LegendEntry> legend) {
  require_labels(labels);
  check_image(image);
  if (labels.shape[0] != image.shape[1] || labels.shape[1] != image.shape[2]) {
    throw Error({.code = "R006",
                 .found = fmt::format("labels of {} for an image of {}", shape_text(labels.shape),
                                      shape_text(image.shape)),
                 .expected = "one label for each pixel"});
  }
  const Tensor tinted = draw_masks(image, masks_of(labels, legend));
  Pixels pixels = copied_pixels(tinted);
  if (!legend.empty()) draw_legend(pixels, labels, legend);
  return tensor_of(std::move(pixels));
}

}  // namespace tv2onnx
