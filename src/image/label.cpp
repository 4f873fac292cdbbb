#include "image/label.h"

#include <cmath>
#include <cstddef>
#include <utility>

namespace tv2onnx {

Lettering lettering(std::string text, const DrawingStyle& style, int limit) {
  for (char& c : text) c = c >= 0x20 && c < 0x7F ? c : '?';
  const auto first = [&](std::size_t count) {
    return Lettering{text.substr(0, count), style.letters};
  };
  // Halving, as a name may have any length.
  std::size_t fits = 1;
  for (std::size_t too_many = text.size() + 1; fits + 1 < too_many;) {
    const std::size_t middle = fits + (too_many - fits) / 2;
    (first(middle).width() > limit ? too_many : fits) = middle;
  }
  return first(fits);
}

Rect plate_of(const Lettering& letters, const DrawingStyle& style) {
  return {0, 0, static_cast<int>(std::ceil(letters.width())) + 2 * style.padding,
          static_cast<int>(std::ceil(letters.capital_height + letters.descent())) + style.padding};
}

void draw_plate(const Pixels& pixels, const Lettering& letters, const Rect& plate,
                const Rgb& colour, const DrawingStyle& style) {
  fill_rectangle(pixels, plate, colour);
  const double luminance = 0.299 * colour.red + 0.587 * colour.green + 0.114 * colour.blue;
  const Rgb ink = luminance > 120 ? Rgb{0, 0, 0} : Rgb{255, 255, 255};
  const double rest = plate.height - letters.capital_height - letters.descent();
  const double feet = plate.y + std::round(rest / 2 + letters.capital_height);
  draw_letters(pixels, letters, {static_cast<double>(plate.x + style.padding), feet}, ink);
}

}  // namespace tv2onnx
