#include <algorithm>

#include "image/shapes.h"

namespace tv2onnx {

Rect common_part(const Rect& a, const Rect& b) {
  const int x = std::max(a.x, b.x);
  const int y = std::max(a.y, b.y);
  return {x, y, std::max(0, std::min(a.right(), b.right()) - x),
          std::max(0, std::min(a.bottom(), b.bottom()) - y)};
}

void blend(std::uint8_t* pixel, const Rgb& colour, int coverage) {
  const std::array<std::uint8_t, 3> ink{colour.red, colour.green, colour.blue};
  for (std::size_t c = 0; c < ink.size(); ++c) {
    pixel[c] = static_cast<std::uint8_t>((pixel[c] * (255 - coverage) + ink[c] * coverage) / 255);
  }
}

void fill_rectangle(const Pixels& pixels, const Rect& rect, const Rgb& colour) {
  const Rect visible = common_part(rect, area_of(pixels));
  for (int y = visible.y; y < visible.bottom(); ++y) {
    for (int x = visible.x; x < visible.right(); ++x) blend(pixels.at(x, y), colour, 255);
  }
}

}  // namespace tv2onnx
