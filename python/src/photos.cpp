// What src/image/ does with libjpeg, libpng and libwebp, done by Pillow: the command line reads
// photos and writes pictures, and the wheel brings no codecs. Pillow is the reference of those,
// too.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "bindings.h"
#include "image/codec.h"
#include "image/label_tensor.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

namespace nb = nanobind;

nb::module_ pillow() {
  try {
    return nb::module_::import_("PIL.Image");
  } catch (nb::python_error&) {
    throw Error({.code = "I004",
                 .found = "photos are read and written by Pillow, which is not installed",
                 .hint = "pip install pillow, or: pip install 'tv2onnx[run]'"});
  }
}

nb::object stream_of(const nb::bytes& bytes) {
  return nb::module_::import_("io").attr("BytesIO")(bytes);
}

Pixels decode(Bytes file, std::int64_t max_pixels) {
  const nb::gil_scoped_acquire held;
  const nb::module_ images = pillow();
  try {
    const nb::object image =
        images.attr("open")(stream_of(nb::bytes(file.data(), file.size()))).attr("convert")("RGB");
    const nb::bytes rgb(image.attr("tobytes")());
    Pixels pixels = allocate_pixels(nb::cast<std::int64_t>(image.attr("width")),
                                    nb::cast<std::int64_t>(image.attr("height")), max_pixels);
    std::copy_n(rgb.c_str(), std::min(rgb.size(), pixels.byte_size()), pixels.rgb.get());
    return pixels;
  } catch (nb::python_error& error) {
    throw_damaged(error.what());
  }
}

std::string palette_of_classes() {
  std::string palette(3, '\0');
  for (std::int64_t k = 1; k < 256; ++k) {
    const std::uint32_t colour = class_colour(k);
    for (const unsigned shift : {16U, 8U, 0U})
      palette.push_back(static_cast<char>(colour >> shift));
  }
  return palette;
}

}  // namespace

Pixels decode_jpeg(Bytes file, std::int64_t max_pixels) {
  return decode(file, max_pixels);
}

Pixels decode_png(Bytes file, std::int64_t max_pixels) {
  return decode(file, max_pixels);
}

Tensor decode_png_labels(Bytes file) {
  const nb::gil_scoped_acquire held;
  const nb::module_ images = pillow();
  try {
    nb::object image = images.attr("open")(stream_of(nb::bytes(file.data(), file.size())));
    require_size(nb::cast<std::int64_t>(image.attr("width")),
                 nb::cast<std::int64_t>(image.attr("height")), kMaxPixels);
    const auto mode = nb::cast<std::string>(image.attr("mode"));
    const bool one_byte = mode == "P" || mode == "L" || mode == "1";
    if (mode != "P") image = image.attr("convert")(one_byte ? "L" : "I");
    const nb::bytes stored(image.attr("tobytes")());
    const std::size_t size = one_byte ? 1 : sizeof(std::int32_t);
    std::vector<std::int32_t> labels(stored.size() / size);
    for (std::size_t k = 0; k < labels.size(); ++k) {
      const char* place = stored.c_str() + k * size;
      if (one_byte) {
        labels[k] = static_cast<unsigned char>(*place) / (mode == "1" ? 255 : 1);
      } else {
        std::memcpy(&labels[k], place, size);
      }
    }
    return make_tensor(
        {nb::cast<std::int64_t>(image.attr("height")), nb::cast<std::int64_t>(image.attr("width"))},
        std::move(labels));
  } catch (nb::python_error& error) {
    throw_damaged(error.what());
  }
}

Pixels decode_webp(Bytes file, std::int64_t max_pixels) {
  return decode(file, max_pixels);
}

std::vector<std::byte> encode_image(const Tensor& image, ImageFormat format) {
  check_image(image);
  const nb::gil_scoped_acquire held;
  const nb::module_ images = pillow();
  const bool jpeg = format == ImageFormat::kJpeg;
  try {
    const nb::object stream = stream_of(nb::bytes("", 0));
    const nb::object picture =
        images.attr("frombytes")("RGB", nb::make_tuple(image.shape[2], image.shape[1]),
                                 nb::bytes(image.data, image.byte_size()));
    picture.attr("save")(stream, jpeg ? "JPEG" : "PNG", nb::arg("quality") = 95);
    const nb::bytes file(stream.attr("getvalue")());
    const std::span<const std::byte> bytes(static_cast<const std::byte*>(file.data()), file.size());
    return {bytes.begin(), bytes.end()};
  } catch (nb::python_error& error) {
    throw Error(
        {.code = "I003", .found = fmt::format("the picture cannot be written: {}", error.what())});
  }
}

std::vector<std::byte> encode_label_map(const Tensor& labels) {
  require_labels(labels);
  const auto numbers = labels.as<std::int32_t>();
  const auto [least, most] = std::ranges::minmax(numbers);
  if (least < 0 || most > 65535) {
    throw Error({.code = "R006",
                 .found = fmt::format("class {} in a label map", least < 0 ? least : most),
                 .expected = "0 to 65535, as PNG can have"});
  }
  const bool palette = most < 256;
  std::string pixels;
  for (const std::int32_t number : numbers) {
    pixels.push_back(static_cast<char>(number));
    if (!palette) pixels.push_back(static_cast<char>(number >> 8));
  }
  const nb::gil_scoped_acquire held;
  const nb::object picture = pillow().attr("frombytes")(
      palette ? "P" : "I;16", nb::make_tuple(labels.shape[1], labels.shape[0]),
      nb::bytes(pixels.data(), pixels.size()));
  if (palette) {
    const std::string colours = palette_of_classes();
    picture.attr("putpalette")(nb::bytes(colours.data(), colours.size()));
  }
  const nb::object stream = stream_of(nb::bytes("", 0));
  picture.attr("save")(stream, "PNG");
  const nb::bytes file(stream.attr("getvalue")());
  const std::span<const std::byte> bytes(static_cast<const std::byte*>(file.data()), file.size());
  return {bytes.begin(), bytes.end()};
}

}  // namespace tv2onnx
