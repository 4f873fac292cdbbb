#include "run/prepare.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace tv2onnx {
namespace {

/// Copies pixels from one layout to the other; `convert` maps a value, `swap` reverses channels.
template <typename To, typename From, typename Convert>
std::vector<To> relayout(const From* from, const Extent& extent, bool from_planar, bool to_planar,
                         bool swap, Convert convert) {
  const auto pixels = static_cast<std::size_t>(extent.height * extent.width);
  const auto batch = static_cast<std::size_t>(extent.batch);
  const auto channels = static_cast<std::size_t>(extent.channels);
  std::vector<To> to(batch * pixels * channels);
  for (std::size_t b = 0; b < batch; ++b) {
    const From* source = from + b * pixels * channels;
    To* target = to.data() + b * pixels * channels;
    for (std::size_t c = 0; c < channels; ++c) {
      const std::size_t s = swap ? channels - 1 - c : c;
      const From* read = source + (from_planar ? s * pixels : s);
      To* write = target + (to_planar ? c * pixels : c);
      const std::size_t read_step = from_planar ? 1 : channels;
      const std::size_t write_step = to_planar ? 1 : channels;
      for (std::size_t p = 0; p < pixels; ++p) write[p * write_step] = convert(read[p * read_step]);
    }
  }
  return to;
}

// As to_tensor computes it: a division in float32, not a product with 1/255.
float unit_of(std::uint8_t value) {
  return static_cast<float>(value) / 255.0F;
}
std::uint8_t byte_of(float value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 1.0F) * 255.0F));
}

std::uint8_t grey_of(const std::uint8_t* rgb) {
  constexpr int kHalf = 1 << 15;
  return static_cast<std::uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + kHalf) >> 16);
}

}  // namespace

Extent extent_of(const Tensor& images) {
  const Shape& shape = images.shape;
  if (images.dtype == DType::kUInt8) return {shape[0], shape[3], shape[1], shape[2]};
  return {shape[0], shape[1], shape[2], shape[3]};
}

Tensor in_channels(const Tensor& images, std::int64_t channels) {
  const Shape& shape = images.shape;
  if (channels != 1 || images.dtype != DType::kUInt8 || shape.size() != 4 || shape[3] != 3) {
    return images;
  }
  const std::span<const std::uint8_t> pixels = images.as<std::uint8_t>();
  std::vector<std::uint8_t> grey;
  grey.reserve(pixels.size() / 3);
  for (std::size_t k = 0; k < pixels.size(); k += 3) grey.push_back(grey_of(&pixels[k]));
  return make_tensor({shape[0], shape[1], shape[2], 1}, std::move(grey));
}

Tensor prepare(const Tensor& images, const DetectorContract& contract) {
  const Extent extent = extent_of(images);
  const bool bytes = images.dtype == DType::kUInt8;
  const bool to_bytes = contract.input == DetectorContract::Input::kUint8;
  if (bytes == to_bytes && !contract.bgr) return images;
  const bool swap = contract.bgr;
  const auto same = [](auto value) { return value; };
  if (to_bytes) {
    const Shape shape{extent.batch, extent.height, extent.width, extent.channels};
    if (bytes) {
      return make_tensor(shape, relayout<std::uint8_t>(images.as<std::uint8_t>().data(), extent,
                                                       false, false, swap, same));
    }
    return make_tensor(shape, relayout<std::uint8_t>(images.as<float>().data(), extent, true, false,
                                                     swap, byte_of));
  }
  const Shape shape{extent.batch, extent.channels, extent.height, extent.width};
  if (bytes) {
    return make_tensor(shape, relayout<float>(images.as<std::uint8_t>().data(), extent, false, true,
                                              swap, unit_of));
  }
  return make_tensor(shape,
                     relayout<float>(images.as<float>().data(), extent, true, true, swap, same));
}

}  // namespace tv2onnx
