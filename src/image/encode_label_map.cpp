#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "image/drawing_style.h"
#include "image/label_tensor.h"
#include "tv2onnx/error.h"
#include "tv2onnx/image.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kColours = 256;

std::array<png_byte, 3 * kColours> palette() {
  std::array<png_byte, 3 * kColours> bytes{};
  for (std::size_t k = 1; k < kColours; ++k) {
    const Rgb colour = colour_of(static_cast<std::int64_t>(k));
    bytes[3 * k] = colour.red;
    bytes[3 * k + 1] = colour.green;
    bytes[3 * k + 2] = colour.blue;
  }
  return bytes;
}

/// The largest number. \throws Error R006 if PNG cannot have it.
std::int32_t largest_of(std::span<const std::int32_t> labels) {
  constexpr std::int32_t kLargest = 65535;
  const auto [least, most] = std::ranges::minmax(labels);
  if (least >= 0 && most <= kLargest) return most;
  throw Error({.code = "R006",
               .found = fmt::format("class {} in a label map", least < 0 ? least : most),
               .expected = fmt::format("0 to {}, as PNG can have", kLargest)});
}

template <typename Number>
std::vector<Number> numbers_of(std::span<const std::int32_t> labels) {
  std::vector<Number> numbers;
  for (const std::int32_t label : labels) numbers.push_back(static_cast<Number>(label));
  return numbers;
}

std::vector<std::byte> written(png_image& header, const void* pixels, const void* colours) {
  std::vector<std::byte> file(PNG_IMAGE_PNG_SIZE_MAX(header) + 16 * kColours);
  png_alloc_size_t size = file.size();
  if (png_image_write_to_memory(&header, file.data(), &size, 0, pixels, 0, colours) == 0) {
    throw Error(
        {.code = "X001",
         .found = fmt::format("the label map cannot be written as PNG: {}", header.message)});
  }
  file.resize(size);
  return file;
}

}  // namespace

std::vector<std::byte> encode_label_map(const Tensor& labels) {
  require_labels(labels);
  const auto numbers = labels.as<std::int32_t>();
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(labels.shape[1]);
  header.height = static_cast<png_uint_32>(labels.shape[0]);
  if (largest_of(numbers) >= static_cast<std::int32_t>(kColours)) {
    header.format = PNG_FORMAT_LINEAR_Y;
    return written(header, numbers_of<png_uint_16>(numbers).data(), nullptr);
  }
  header.format = PNG_FORMAT_RGB_COLORMAP;
  header.colormap_entries = kColours;
  return written(header, numbers_of<png_byte>(numbers).data(), palette().data());
}

}  // namespace tv2onnx
