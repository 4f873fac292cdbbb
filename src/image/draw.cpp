// Boxes and labels that stay legible on any photo: every line has a dark rim, every label a plate
// in the colour of its class with black or white letters, and all sizes follow the image.

#include <algorithm>
#include <array>
#include <climits>
#include <cmath>

#include "image/drawing_style.h"
#include "image/label.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

/// A box in whole pixels, inside the image with all of its line.
Rect visible_box(const std::array<float, 4>& box, const Rect& image, int line) {
  const auto place = [line](float value, int length) {
    const int margin = std::min(line / 2, length / 2);
    return static_cast<int>(std::lround(
        std::clamp(value, static_cast<float>(margin), static_cast<float>(length - 1 - margin))));
  };
  const auto [left, right] = std::minmax({place(box[0], image.width), place(box[2], image.width)});
  const auto [top, bottom] =
      std::minmax({place(box[1], image.height), place(box[3], image.height)});
  return {left, top, right - left, bottom - top};
}

/// A plate of the size of `plate` as near to it as the image has room.
Rect moved_inside(Rect plate, const Rect& image) {
  plate.x = std::max(0, std::min(plate.x, image.width - plate.width));
  plate.y = std::max(0, std::min(plate.y, image.height - plate.height));
  return plate;
}

struct Label {
  Lettering letters;
  Rect box;
  Rect plate;  ///< behind the letters
  Rgb colour;
};

/// On, under or inside the box, wherever the labels that are there already leave room.
Rect place_plate(const Rect& plate, const Rect& box, int line, const Rect& image,
                 const std::vector<Label>& placed) {
  const int half = line / 2 + 1;
  const int left = box.x - half;
  const int right = box.right() + half - plate.width;
  const int above = box.y - half - plate.height;
  const int below = box.bottom() + half;
  const std::array<std::array<int, 2>, 8> corners{{{left, above},
                                                   {left, box.y - half},
                                                   {left, below},
                                                   {left, below - plate.height},
                                                   {right, above},
                                                   {right, box.y - half},
                                                   {right, below},
                                                   {right, below - plate.height}}};
  Rect best;
  std::int64_t least = INT64_MAX;
  for (const auto& [x, y] : corners) {
    const Rect there = moved_inside({x, y, plate.width, plate.height}, image);
    std::int64_t covered = 0;
    for (const Label& other : placed) {
      const Rect both = common_part(there, other.plate);
      covered += std::int64_t{both.width} * both.height;
    }
    if (covered < least) {
      least = covered;
      best = there;
    }
  }
  return best;
}

/// The four sides of a box, in whole pixels.
void draw_frame(const Pixels& pixels, const Rect& box, int line, const Rgb& colour) {
  const int left = box.x - line / 2;
  const int top = box.y - line / 2;
  const int width = box.width + line;
  const int height = box.height + line;
  fill_rectangle(pixels, {left, top, width, line}, colour);
  fill_rectangle(pixels, {left, top + box.height, width, line}, colour);
  fill_rectangle(pixels, {left, top, line, height}, colour);
  fill_rectangle(pixels, {left + box.width, top, line, height}, colour);
}

}  // namespace

Tensor draw_boxes(const Tensor& image, std::span<const DrawnBox> boxes) {
  Pixels pixels = copied_pixels(image);
  const DrawingStyle style = style_of(pixels);
  const Rect area = area_of(pixels);
  std::vector<Label> labels;
  for (const DrawnBox& drawn : boxes) {
    if (!std::ranges::all_of(drawn.box, [](float v) { return std::isfinite(v); })) continue;
    Label label{lettering(drawn.text, style, pixels.width - 2 * style.padding),
                visible_box(drawn.box, area, style.line),
                {},
                colour_of(drawn.colour)};
    label.plate = place_plate(plate_of(label.letters, style), label.box, style.line, area, labels);
    labels.push_back(std::move(label));
  }
  std::ranges::reverse(labels);  // the first is drawn last, on top
  for (const Label& label : labels) {
    draw_frame(pixels, label.box, style.rimmed(), kRim);
    draw_frame(pixels, label.box, style.line, label.colour);
  }
  for (const Label& label : labels) {
    draw_plate(pixels, label.letters, label.plate, label.colour, style);
  }
  return tensor_of(std::move(pixels));
}

}  // namespace tv2onnx
