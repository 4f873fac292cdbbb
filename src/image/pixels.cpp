#include "image/pixels.h"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "base/tensor_check.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::int64_t kMostSide = 1 << 28;  // places and sums of them are int

bool is_side(std::int64_t length) {
  return length > 0 && length <= kMostSide;
}

}  // namespace

Pixels make_pixels(int width, int height) {
  Pixels pixels{width, height, nullptr};
  // Not filled: a file that only claims to be large shall cost no memory.
  auto* memory = static_cast<std::uint8_t*>(::operator new(pixels.byte_size()));
  pixels.rgb = {memory, [](std::uint8_t* taken) { ::operator delete(taken); }};
  return pixels;
}

void check_image(const Tensor& image) {
  const Shape& shape = image.shape;
  require_readable(image);
  const bool pixels =
      shape.size() == 4 && shape[0] == 1 && is_side(shape[1]) && is_side(shape[2]) && shape[3] == 3;
  if (pixels && image.dtype == DType::kUInt8 && image.is_contiguous()) return;
  throw Error({.code = "R006",
               .found = fmt::format("a tensor {} {}", dtype_name(image.dtype), shape_text(shape)),
               .expected = "an image: contiguous uint8 [1,height,width,3], not empty"});
}

void check_mask(const PixelMask& mask) {
  const Shape& shape = mask.inside.shape;
  require_readable(mask.inside);
  const auto is_near = [](std::int64_t place) { return -kMostSide <= place && place <= kMostSide; };
  const bool pixels = shape.size() == 2 && shape[0] <= kMostSide && shape[1] <= kMostSide &&
                      is_near(mask.x) && is_near(mask.y);
  if (pixels && mask.inside.dtype == DType::kUInt8 && mask.inside.is_contiguous()) return;
  throw Error({.code = "R006",
               .found = fmt::format("a mask of {} {} at {}, {}", dtype_name(mask.inside.dtype),
                                    shape_text(shape), mask.x, mask.y),
               .expected = "a mask: contiguous uint8 [height,width]"});
}

Pixels copied_pixels(const Tensor& image) {
  check_image(image);
  Pixels pixels = make_pixels(static_cast<int>(image.shape[2]), static_cast<int>(image.shape[1]));
  if (pixels.byte_size() > 0) std::memcpy(pixels.rgb.get(), image.data, pixels.byte_size());
  return pixels;
}

Tensor tensor_of(Pixels pixels) {
  const auto* data = reinterpret_cast<const std::byte*>(pixels.rgb.get());
  return {DType::kUInt8, {1, pixels.height, pixels.width, 3}, {}, data, std::move(pixels.rgb)};
}

}  // namespace tv2onnx
