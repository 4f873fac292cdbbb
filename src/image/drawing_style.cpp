#include "image/drawing_style.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "tv2onnx/image.h"

namespace tv2onnx {

Rgb colour_of(std::int64_t class_number) {
  const std::uint32_t rgb = class_colour(class_number);
  return {static_cast<std::uint8_t>(rgb >> 16U), static_cast<std::uint8_t>(rgb >> 8U & 0xFFU),
          static_cast<std::uint8_t>(rgb & 0xFFU)};
}

int DrawingStyle::rimmed() const {
  return line + 2 * std::max(1, line / 3);
}

DrawingStyle style_of(const Pixels& image) {
  const double side = std::min(image.width, image.height);
  const bool tiny = side < 200;  // every pixel of it counts
  const double letters = std::clamp(side / 38, tiny ? 8.0 : 9.5, 90.0);
  return {std::max(tiny ? 2 : 3, static_cast<int>(std::lround(side / 220)) + 1), letters,
          std::max(2, static_cast<int>(std::lround(letters * 0.45)))};
}

std::uint32_t class_colour(std::int64_t class_number) {
  // Steps of the golden angle keep any run of hues far apart; three shades tell near ones apart.
  constexpr double kGoldenRatio = 0.6180339887498949;
  constexpr std::array<std::array<double, 2>, 3> kShades{
      {{0.80, 1.00}, {0.95, 0.85}, {0.55, 1.00}}};
  const auto number = static_cast<double>(class_number) - 1;
  const double hue = 6 * (0.02 + number * kGoldenRatio - std::floor(0.02 + number * kGoldenRatio));
  const auto [saturation, value] =
      kShades[static_cast<std::uint64_t>(class_number) / 5 % kShades.size()];
  const auto channel = [&, s = saturation, v = value](double shift) {
    const double sum = shift + hue;  // below 12
    const double k = sum < 6 ? sum : sum - 6;
    const double level = v - v * s * std::clamp(std::min(k, 4 - k), 0.0, 1.0);
    return static_cast<std::uint32_t>(std::lround(level * 255));
  };
  return channel(5) << 16U | channel(3) << 8U | channel(1);
}

}  // namespace tv2onnx
