#include "run/prepare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "base/tensor_check.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

const Preparation kUnit{"RGB 0..1", false, true};
const Preparation kByte{"RGB 0..255", false, false};
const Preparation kUnitBgr{"BGR 0..1", true, true};
const Preparation kByteBgr{"BGR 0..255", true, false};
const Preparation kNormalised{
    "RGB normalised (mean, std)", false, true, {0.485F, 0.456F, 0.406F}, {0.229F, 0.224F, 0.225F}};

/// Copies pixels from one layout to the other; `convert` maps a value of a channel of the result.
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
      for (std::size_t p = 0; p < pixels; ++p) {
        write[p * write_step] = convert(read[p * read_step], s);
      }
    }
  }
  return to;
}

std::uint8_t byte_of(float value) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 1.0F) * 255.0F));
}

std::uint8_t grey_of(const std::uint8_t* rgb) {
  constexpr int kHalf = 1 << 15;
  return static_cast<std::uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + kHalf) >> 16);
}

float for_channel(const std::vector<float>& values, std::size_t channel) {
  return values[std::min(channel, values.size() - 1)];
}

/// Of 0..1, what the preparation makes of it.
float normalised(float unit, std::size_t channel, const Preparation& preparation) {
  if (!preparation.normalised()) return unit;
  return (unit - for_channel(preparation.mean, channel)) /
         for_channel(preparation.deviation, channel);
}

std::vector<std::uint8_t> bytes_for(const Tensor& images, const Extent& extent, bool planes,
                                    const Preparation& preparation) {
  if (images.dtype == DType::kUInt8) {
    return relayout<std::uint8_t>(images.as<std::uint8_t>().data(), extent, false, planes,
                                  preparation.bgr,
                                  [](std::uint8_t value, std::size_t) { return value; });
  }
  return relayout<std::uint8_t>(images.as<float>().data(), extent, true, planes, preparation.bgr,
                                [](float value, std::size_t) { return byte_of(value); });
}

std::vector<float> floats_for(const Tensor& images, const Extent& extent, bool planes,
                              const Preparation& preparation) {
  if (images.dtype == DType::kUInt8) {
    // As to_tensor computes it: a division in float32, not a product with 1/255.
    const auto convert = [&](std::uint8_t value, std::size_t channel) {
      const auto number = static_cast<float>(value);
      return preparation.divided ? normalised(number / 255.0F, channel, preparation) : number;
    };
    return relayout<float>(images.as<std::uint8_t>().data(), extent, false, planes, preparation.bgr,
                           convert);
  }
  const auto convert = [&](float value, std::size_t channel) {
    return preparation.divided ? normalised(value, channel, preparation) : value * 255.0F;
  };
  return relayout<float>(images.as<float>().data(), extent, true, planes, preparation.bgr, convert);
}

/// Nothing is to be done to the pixels.
bool as_they_are(const Tensor& images, bool bytes, bool planes, const Preparation& preparation) {
  if (preparation.bgr || bytes != (images.dtype == DType::kUInt8)) return false;
  if (bytes) return !planes;
  return planes && preparation.divided && !preparation.normalised();
}

Preparation normalising(const ImageInput& input) {
  Preparation preparation{"normalised", input.order == ChannelOrder::kBgr, true};
  preparation.mean.assign(input.mean.begin(), input.mean.end());
  preparation.deviation.assign(input.deviation.begin(), input.deviation.end());
  return preparation;
}

void require_large_enough(const Extent& extent, const ImageInput& input) {
  const auto [height, width] = input.smallest;
  if (extent.height >= height && extent.width >= width) return;
  throw Error({.code = "R006",
               .found = fmt::format("an image of {}x{}", extent.height, extent.width),
               .where = {.item = fmt::format("input '{}'", input.port.name)},
               .expected = fmt::format("height and width of at least {}x{}: the network has no "
                                       "result for smaller images",
                                       height, width)});
}

}  // namespace

Preparation preparation_for(const ImageInput& input) {
  if (input.range == PixelRange::kNormalised) return normalising(input);
  const bool bgr = input.order == ChannelOrder::kBgr;
  const bool byte = input.range == PixelRange::kByte;
  return bgr ? (byte ? kByteBgr : kUnitBgr) : (byte ? kByte : kUnit);
}

Preparation trained_preparation_for(const ImageInput& input) {
  return input.range == PixelRange::kUnknown ? kNormalised : preparation_for(input);
}

std::vector<Preparation> preparations_for(DType dtype) {
  if (!is_floating(dtype)) return {kByte, kByteBgr};
  return {kUnit, kByte, kUnitBgr, kByteBgr, kNormalised};
}

Extent extent_of(const Tensor& images) {
  const Shape& shape = images.shape;
  if (images.dtype == DType::kUInt8) return {shape[0], shape[3], shape[1], shape[2]};
  return {shape[0], shape[1], shape[2], shape[3]};
}

Tensor images_from(const Tensor& images, std::int64_t first, std::int64_t count) {
  Tensor part = images;
  part.shape[0] = count;
  const std::size_t image_bytes =
      part.byte_size() / static_cast<std::size_t>(std::max<std::int64_t>(count, 1));
  part.data += static_cast<std::size_t>(first) * image_bytes;
  return part;
}

Tensor contiguous(const Tensor& images) {
  require_readable(images);
  if (images.is_contiguous()) return images;
  auto bytes = std::make_shared<std::vector<std::byte>>(contiguous_bytes(images));
  return {images.dtype, images.shape, {}, bytes->data(), bytes};
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

Tensor prepare(const Tensor& images, const ImageInput& input, const Preparation& preparation) {
  const bool bytes = input.bytes();
  if (!bytes && input.port.dtype != DType::kFloat32 && input.port.dtype != DType::kFloat16) {
    throw Error(
        {.code = "R006",
         .found = fmt::format("images of {} cannot be made here", onnx_name(input.port.dtype)),
         .where = {.item = fmt::format("input '{}'", input.port.name)},
         .expected = "float, float16 or uint8"});
  }
  const Extent extent = extent_of(images);
  require_large_enough(extent, input);
  const bool planes = input.layout == Layout::kPlanes;
  Shape shape{extent.batch, extent.height, extent.width, extent.channels};
  if (planes) shape = {extent.batch, extent.channels, extent.height, extent.width};
  Tensor prepared = images;
  if (!as_they_are(images, bytes, planes, preparation)) {
    prepared = bytes ? make_tensor(shape, bytes_for(images, extent, planes, preparation))
                     : make_tensor(shape, floats_for(images, extent, planes, preparation));
  }
  if (input.port.shape.size() == 3 && extent.batch == 1) {
    prepared.shape.erase(prepared.shape.begin());
  }
  return prepared;
}

}  // namespace tv2onnx
