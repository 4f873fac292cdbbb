#pragma once
// Plain pictures, and looking at what has been drawn on them.

#include <cstdint>
#include <vector>

#include "tv2onnx/tensor.h"

namespace tv2onnx::testing {

inline constexpr std::uint8_t kGrey = 128;

/// uint8 [1, height, width, 3], all grey.
inline Tensor plain(std::int64_t height, std::int64_t width) {
  return make_tensor(
      {1, height, width, 3},
      std::vector<std::uint8_t>(static_cast<std::size_t>(height * width * 3), kGrey));
}

/// 0xRRGGBB
inline std::uint32_t pixel(const Tensor& image, std::int64_t x, std::int64_t y) {
  const auto values = image.as<std::uint8_t>();
  const auto at = static_cast<std::size_t>((y * image.shape[2] + x) * 3);
  return static_cast<std::uint32_t>(values[at] << 16 | values[at + 1] << 8 | values[at + 2]);
}

/// How many pixels of a region of plain() have been drawn on.
inline std::int64_t drawn_in(const Tensor& image, std::int64_t x1, std::int64_t y1, std::int64_t x2,
                             std::int64_t y2) {
  std::int64_t count = 0;
  for (std::int64_t y = y1; y < y2; ++y) {
    for (std::int64_t x = x1; x < x2; ++x) count += pixel(image, x, y) != 0x808080 ? 1 : 0;
  }
  return count;
}

}  // namespace tv2onnx::testing
