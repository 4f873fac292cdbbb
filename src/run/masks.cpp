// The pixels of a mask.

#include "tv2onnx/masks.h"

#include <fmt/format.h>

#include <algorithm>

#include "run/paste.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// Probabilities of the whole image, as they are.
Patch whole_image(const Tensor& probabilities, const ImageSize& size) {
  if (probabilities.shape != Shape{size[0], size[1]}) {
    throw Error(
        {.code = "R006",
         .found = fmt::format("mask probabilities of shape {}", shape_text(probabilities.shape)),
         .expected = fmt::format("[{},{}], the size of the image", size[0], size[1])});
  }
  return {0, 0, size[1], size[0], to_float(probabilities)};
}

/// Columns and rows of a patch that have a pixel of the object: [x1, x2) and [y1, y2).
struct Bounds {
  std::int64_t x1, y1;
  std::int64_t x2 = 0, y2 = 0;

  void add(std::int64_t x, std::int64_t y) {
    x1 = std::min(x1, x);
    y1 = std::min(y1, y);
    x2 = std::max(x2, x + 1);
    y2 = std::max(y2, y + 1);
  }
};

}  // namespace

PixelMask pixel_mask(const InstanceMask& mask, const std::array<float, 4>& box,
                     const ImageSize& size, double threshold) {
  const Patch patch = mask.pasted ? whole_image(mask.probabilities, size)
                                  : paste_patch(mask.probabilities, box, size);
  const auto above = [&](std::int64_t x, std::int64_t y) {
    return double{patch.values[static_cast<std::size_t>(y * patch.width + x)]} > threshold;
  };
  Bounds bounds{patch.width, patch.height};
  for (std::int64_t y = 0; y < patch.height; ++y) {
    for (std::int64_t x = 0; x < patch.width; ++x) {
      if (above(x, y)) bounds.add(x, y);
    }
  }
  if (bounds.x2 == 0) return {0, 0, make_tensor({0, 0}, std::vector<std::uint8_t>())};
  std::vector<std::uint8_t> inside;
  for (std::int64_t y = bounds.y1; y < bounds.y2; ++y) {
    for (std::int64_t x = bounds.x1; x < bounds.x2; ++x) inside.push_back(above(x, y) ? 1 : 0);
  }
  return {patch.x + bounds.x1, patch.y + bounds.y1,
          make_tensor({bounds.y2 - bounds.y1, bounds.x2 - bounds.x1}, std::move(inside))};
}

std::int64_t mask_area(const PixelMask& mask) {
  const auto inside = mask.inside.as<std::uint8_t>();
  return std::ranges::count_if(inside, [](std::uint8_t pixel) { return pixel != 0; });
}

}  // namespace tv2onnx
