// torchvision's paste_masks_in_image (models/detection/roi_heads.py), in float32 like there. Only
// what lies in the image is computed.

#include "run/paste.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kPadding = 1;  // pixels of the mask, zeros

/// Towards zero, as torch converts to int64.
std::int64_t whole(float value) {
  constexpr float kFar = 1e9F;  // beyond every image
  if (std::isnan(value)) return 0;
  return static_cast<std::int64_t>(std::clamp(value, -kFar, kFar));
}

/// Where a pixel of the stretched mask comes from.
struct PasteSource {
  std::size_t low;
  std::size_t high;
  float weight;  ///< of high
};

/// Pixels [first, last) of `from` pixels stretched over `to`: torch's bilinear interpolation with
/// align_corners=False, whose scale is float32 and whose places are double.
std::vector<PasteSource> sources(std::int64_t first, std::int64_t last, std::int64_t from,
                                 std::int64_t to) {
  const double scale = static_cast<float>(from) / static_cast<float>(to);
  std::vector<PasteSource> all;
  for (std::int64_t k = first; k < last; ++k) {
    const double place = std::max(0.0, scale * (static_cast<double>(k) + 0.5) - 0.5);
    const std::int64_t low = std::min(static_cast<std::int64_t>(place), from - 1);
    const double weight = std::min(place - static_cast<double>(low), 1.0);
    all.push_back({static_cast<std::size_t>(low),
                   static_cast<std::size_t>(std::min(low + 1, from - 1)),
                   static_cast<float>(weight)});
  }
  return all;
}

/// The probabilities with zeros around.
std::vector<float> padded(const Tensor& probabilities) {
  const auto side = static_cast<std::size_t>(probabilities.shape[0]);
  const std::vector<float> values = to_float(probabilities);
  const std::size_t wide = side + 2 * kPadding;
  std::vector<float> result(wide * wide);
  for (std::size_t y = 0; y < side; ++y) {
    std::copy_n(values.data() + y * side, side, result.data() + (y + kPadding) * wide + kPadding);
  }
  return result;
}

void require_square(const Tensor& probabilities) {
  const Shape& shape = probabilities.shape;
  if (shape.size() == 2 && shape[0] == shape[1] && shape[0] > 0) return;
  throw Error({.code = "R006",
               .found = fmt::format("mask probabilities of shape {}", shape_text(shape)),
               .expected = "[m,m], as a mask head gives them for each box"});
}

void require_image(const ImageSize& size) {
  if (size[0] >= 0 && size[1] >= 0 && element_count(size) <= kMaxPixels) return;
  throw Error({.code = "R006",
               .found = fmt::format("an image of height {} and width {}", size[0], size[1]),
               .expected = fmt::format("at most {} million pixels", kMaxPixels / 1'000'000)});
}

}  // namespace

PasteBox paste_box(const std::array<float, 4>& box, std::int64_t side) {
  const auto scale =
      static_cast<float>(static_cast<double>(side + 2 * kPadding) / static_cast<double>(side));
  const float half_width = (box[2] - box[0]) * 0.5F * scale;
  const float half_height = (box[3] - box[1]) * 0.5F * scale;
  const float x = (box[2] + box[0]) * 0.5F;
  const float y = (box[3] + box[1]) * 0.5F;
  return {whole(x - half_width), whole(y - half_height), whole(x + half_width),
          whole(y + half_height)};
}

Patch paste_patch(const Tensor& probabilities, const std::array<float, 4>& box,
                  const ImageSize& size) {
  require_square(probabilities);
  require_image(size);
  const PasteBox place = paste_box(box, probabilities.shape[0]);
  const std::int64_t x1 = std::max<std::int64_t>(place.x1, 0);
  const std::int64_t y1 = std::max<std::int64_t>(place.y1, 0);
  const std::int64_t x2 = std::min(place.x2 + 1, size[1]);
  const std::int64_t y2 = std::min(place.y2 + 1, size[0]);
  if (x1 >= x2 || y1 >= y2) return {};
  const std::int64_t wide = probabilities.shape[0] + 2 * kPadding;
  const auto columns = sources(x1 - place.x1, x2 - place.x1, wide, place.x2 - place.x1 + 1);
  const auto rows = sources(y1 - place.y1, y2 - place.y1, wide, place.y2 - place.y1 + 1);
  const std::vector<float> mask = padded(probabilities);
  Patch patch{x1, y1, x2 - x1, y2 - y1, {}};
  patch.values.reserve(rows.size() * columns.size());
  for (const PasteSource& row : rows) {
    const float* upper = mask.data() + row.low * static_cast<std::size_t>(wide);
    const float* lower = mask.data() + row.high * static_cast<std::size_t>(wide);
    for (const PasteSource& column : columns) {
      const auto along = [&](const float* line) {
        return (1 - column.weight) * line[column.low] + column.weight * line[column.high];
      };
      patch.values.push_back((1 - row.weight) * along(upper) + row.weight * along(lower));
    }
  }
  return patch;
}

Tensor paste_mask(const Tensor& probabilities, const std::array<float, 4>& box,
                  const ImageSize& size) {
  const Patch patch = paste_patch(probabilities, box, size);
  std::vector<float> image(static_cast<std::size_t>(size[0] * size[1]));
  for (std::int64_t y = 0; y < patch.height; ++y) {
    std::copy_n(patch.values.data() + y * patch.width, patch.width,
                image.data() + (patch.y + y) * size[1] + patch.x);
  }
  return make_tensor({size[0], size[1]}, std::move(image));
}

}  // namespace tv2onnx
