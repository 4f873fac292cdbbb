#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <array>
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

std::vector<png_byte> indices_of(const Tensor& labels) {
  std::vector<png_byte> indices;
  for (const std::int32_t label : labels.as<std::int32_t>()) {
    if (label < 0 || label >= static_cast<std::int32_t>(kColours)) {
      throw Error({.code = "R006",
                   .found = fmt::format("class {} in a label map", label),
                   .expected = fmt::format("at most {} classes, as PNG can have", kColours)});
    }
    indices.push_back(static_cast<png_byte>(label));
  }
  return indices;
}

}  // namespace

std::vector<std::byte> encode_label_map(const Tensor& labels) {
  require_labels(labels);
  const std::vector<png_byte> indices = indices_of(labels);
  const auto colours = palette();
  png_image header{};
  header.version = PNG_IMAGE_VERSION;
  header.width = static_cast<png_uint_32>(labels.shape[1]);
  header.height = static_cast<png_uint_32>(labels.shape[0]);
  header.format = PNG_FORMAT_RGB_COLORMAP;
  header.colormap_entries = kColours;
  std::vector<std::byte> file(PNG_IMAGE_PNG_SIZE_MAX(header) + 16 * kColours);
  png_alloc_size_t size = file.size();
  if (png_image_write_to_memory(&header, file.data(), &size, 0, indices.data(), 0,
                                colours.data()) == 0) {
    throw Error(
        {.code = "X001",
         .found = fmt::format("the label map cannot be written as PNG: {}", header.message)});
  }
  file.resize(size);
  return file;
}

}  // namespace tv2onnx
