#pragma once
// Masks written as text, and looked at pixel by pixel.

#include <string>
#include <vector>

#include "tv2onnx/masks.h"

namespace tv2onnx::testing {

/// '#' is inside.
inline PixelMask mask_of(const std::vector<std::string>& rows, std::int64_t x = 0,
                         std::int64_t y = 0) {
  std::vector<std::uint8_t> inside;
  for (const std::string& row : rows) {
    for (const char pixel : row) inside.push_back(pixel == '#' ? 1 : 0);
  }
  return {x, y,
          make_tensor(
              {static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(rows[0].size())},
              std::move(inside))};
}

/// Of the whole image, row by row.
inline std::vector<std::uint8_t> pixels_in(const PixelMask& mask, const ImageSize& size) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(size[0] * size[1]));
  const std::int64_t width = mask.inside.shape[1];
  for (std::int64_t k = 0; k < mask.inside.size(); ++k) {
    const std::int64_t at = (mask.y + k / width) * size[1] + mask.x + k % width;
    pixels[static_cast<std::size_t>(at)] =
        mask.inside.as<std::uint8_t>()[static_cast<std::size_t>(k)];
  }
  return pixels;
}

}  // namespace tv2onnx::testing
