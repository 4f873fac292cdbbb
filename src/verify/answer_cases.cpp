#include "verify/answer_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace tv2onnx {
namespace {

constexpr std::int64_t kFrames = 16;

/// A window over uint8 [1, height, width, 3], appended to `pixels`.
void append_window(const Tensor& scene, std::int64_t top, std::int64_t left, const ImageSize& size,
                   std::vector<std::uint8_t>& pixels) {
  const auto bytes = scene.as<std::uint8_t>();
  for (std::int64_t y = top; y < top + size[0]; ++y) {
    const auto* row = bytes.data() + (y * scene.shape[2] + left) * 3;
    pixels.insert(pixels.end(), row, row + size[1] * 3);
  }
}

/// Frames of a window that moves over each scene, by `more` pixels in all.
std::vector<InputCase> moving_cases(std::vector<Tensor> photos, const std::vector<ImageSize>& sizes,
                                    std::int64_t frames, std::int64_t more) {
  std::vector<InputCase> cases;
  for (const ImageSize& size : sizes) {
    const ImageSize larger{size[0] + more, size[1] + more};
    const InputCase scene =
        standard_cases({.quick = true, .size = larger, .photos = photos}).front();
    std::vector<std::uint8_t> pixels;
    for (std::int64_t k = 0; k < frames; ++k) {
      const std::int64_t moved = more * k / std::max<std::int64_t>(frames - 1, 1);
      append_window(scene.input, moved / 2, moved, size, pixels);
    }
    cases.push_back({fmt::format("moving_{}x{}", size[0], size[1]),
                     make_tensor({frames, size[0], size[1], 3}, std::move(pixels))});
    if (!photos.empty()) std::ranges::rotate(photos, photos.begin() + 1);
  }
  return cases;
}

}  // namespace

std::vector<InputCase> photo_cases(std::vector<Tensor> photos, bool quick) {
  std::vector<InputCase> cases =
      standard_cases({.quick = quick, .size = {}, .photos = std::move(photos)});
  std::erase_if(cases, [](const InputCase& one) {
    return one.input.shape[0] != 1 || one.input.dtype != DType::kUInt8;
  });
  return cases;
}

std::vector<InputCase> clip_cases(std::vector<Tensor> photos, std::int64_t frames) {
  return moving_cases(std::move(photos), {{100, 100}, {150, 200}, {171, 256}},
                      frames < 0 ? kFrames : frames, 24);
}

std::vector<InputCase> pair_cases(std::vector<Tensor> photos) {
  return moving_cases(std::move(photos), {{128, 128}, {136, 200}, {240, 320}}, 2, 8);
}

}  // namespace tv2onnx
