// The colour wheel of Baker et al., "A Database and Evaluation Methodology for Optical Flow".

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "base/tensor_check.h"
#include "image/pixels.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

using Colour = std::array<float, 3>;  // of 0..1

/// From one pure colour to the next: `channel` rises or falls in so many steps.
struct Passage {
  int steps;
  Colour from;
  std::size_t channel;
  bool rises;
};

std::vector<Colour> colour_wheel() {
  constexpr std::array<Passage, 6> kPassages{{{15, {255, 0, 0}, 1, true},
                                              {6, {255, 255, 0}, 0, false},
                                              {4, {0, 255, 0}, 2, true},
                                              {11, {0, 255, 255}, 1, false},
                                              {13, {0, 0, 255}, 0, true},
                                              {6, {255, 0, 255}, 2, false}}};
  std::vector<Colour> wheel;
  for (const auto& [steps, from, channel, rises] : kPassages) {
    for (int k = 0; k < steps; ++k) {
      Colour colour = from;
      const int level = 255 * k / steps;
      colour[channel] = static_cast<float>(rises ? level : 255 - level);
      for (float& value : colour) value /= 255;
      wheel.push_back(colour);
    }
  }
  return wheel;
}

void paint(std::uint8_t* pixel, float right, float down, const std::vector<Colour>& wheel) {
  const float length = std::sqrt(right * right + down * down);
  const float angle = std::atan2(-down, -right) / std::numbers::pi_v<float>;
  const float place = (angle + 1) / 2 * static_cast<float>(wheel.size() - 1);
  const auto first = std::min(static_cast<std::size_t>(place), wheel.size() - 1);
  const std::size_t second = (first + 1) % wheel.size();
  const float part = place - static_cast<float>(first);
  for (std::size_t c = 0; c < 3; ++c) {
    const float pure = (1 - part) * wheel[first][c] + part * wheel[second][c];
    pixel[c] = static_cast<std::uint8_t>(std::clamp(255 * (1 - length * (1 - pure)), 0.0F, 255.0F));
  }
}

void require_flow(const Tensor& flow) {
  require_readable(flow);
  const bool numbers = flow.dtype == DType::kFloat32 && flow.is_contiguous() && flow.size() > 0;
  if (numbers && flow.shape.size() == 4 && flow.shape[0] == 1 && flow.shape[1] == 2) return;
  throw Error(
      {.code = "R006",
       .found = fmt::format("a tensor {} {}", dtype_name(flow.dtype), shape_text(flow.shape)),
       .expected = "a flow: contiguous float32 [1,2,height,width], not empty"});
}

}  // namespace

Tensor draw_flow(const Tensor& flow) {
  require_flow(flow);
  const auto values = flow.as<float>();
  const std::size_t area = values.size() / 2;
  float longest = 0;
  const auto finite = [&](std::size_t k) {
    return std::isfinite(values[k]) && std::isfinite(values[area + k]);
  };
  for (std::size_t k = 0; k < area; ++k) {
    if (finite(k)) longest = std::max(longest, std::hypot(values[k], values[area + k]));
  }
  const float scale = longest + std::numeric_limits<float>::epsilon();
  const std::vector<Colour> wheel = colour_wheel();
  const Pixels pixels =
      make_pixels(static_cast<int>(flow.shape[3]), static_cast<int>(flow.shape[2]));
  for (std::size_t k = 0; k < area; ++k) {
    std::uint8_t* pixel = pixels.rgb.get() + 3 * k;
    std::fill_n(pixel, 3, std::uint8_t{0});
    if (finite(k)) paint(pixel, values[k] / scale, values[area + k] / scale, wheel);
  }
  return tensor_of(pixels);
}

}  // namespace tv2onnx
