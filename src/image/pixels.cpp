#include "image/pixels.h"

#include <fmt/format.h>

#include <cstring>
#include <new>
#include <utility>

#include "tv2onnx/error.h"

namespace tv2onnx {

Pixels make_pixels(int width, int height) {
  Pixels pixels{width, height, nullptr};
  // Not filled: a file that only claims to be large shall cost no memory.
  auto* memory = static_cast<std::uint8_t*>(::operator new(pixels.byte_size()));
  pixels.rgb = {memory, [](std::uint8_t* taken) { ::operator delete(taken); }};
  return pixels;
}

void check_image(const Tensor& image) {
  const Shape& shape = image.shape;
  if (image.dtype == DType::kUInt8 && shape.size() == 4 && shape[0] == 1 && shape[3] == 3 &&
      image.is_contiguous()) {
    return;
  }
  throw Error({.code = "R006",
               .found = fmt::format("a tensor {} {}", dtype_name(image.dtype), shape_text(shape)),
               .expected = "an image: contiguous uint8 [1,height,width,3]"});
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
