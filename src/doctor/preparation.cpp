#include "doctor/preparation.h"

#include <fmt/format.h>

#include <array>

#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::size_t kChannels = 3;
constexpr std::array kMean{0.485F, 0.456F, 0.406F};
constexpr std::array kDeviation{0.229F, 0.224F, 0.225F};

constexpr Preparation kUnit{"RGB 0..1", false, true, false};
constexpr Preparation kByte{"RGB 0..255", false, false, false};
constexpr Preparation kUnitBgr{"BGR 0..1", true, true, false};
constexpr Preparation kByteBgr{"BGR 0..255", true, false, false};
constexpr Preparation kNormalised{"RGB normalised (mean, std)", false, true, true};

/// A channel of the input, 0 to 2, as the number that the caller gives.
float value_of(std::uint8_t pixel, std::size_t channel, const Preparation& preparation) {
  const auto number = static_cast<float>(pixel);
  const float value = preparation.divided ? number / 255 : number;
  return preparation.normalised ? (value - kMean[channel]) / kDeviation[channel] : value;
}

}  // namespace

Preparation preparation_for(const std::optional<InputContract>& contract) {
  if (!contract) return kUnit;
  const bool bgr = contract->order == ChannelOrder::kBgr;
  switch (contract->range) {
    case PixelRange::kByte: return bgr ? kByteBgr : kByte;
    case PixelRange::kUnknown: return kNormalised;
    case PixelRange::kUnit:
    case PixelRange::kUnitOrByte: break;
  }
  return bgr ? kUnitBgr : kUnit;
}

std::vector<Preparation> preparations_for(DType dtype) {
  if (!is_floating(dtype)) return {kByte, kByteBgr};
  return {kUnit, kByte, kUnitBgr, kByteBgr, kNormalised};
}

Tensor prepared(const Tensor& images, const PortInfo& port, std::size_t channel_axis,
                const Preparation& preparation) {
  const std::size_t rank = port.shape.size();
  const bool planes = channel_axis + kChannels == rank;
  const auto area = static_cast<std::size_t>(images.shape[1] * images.shape[2]);
  const auto pixels = images.as<std::uint8_t>();
  std::vector<float> values(pixels.size());
  for (std::size_t k = 0; k < pixels.size(); ++k) {
    const std::size_t image = k / (kChannels * area);
    const std::size_t place = k / kChannels % area;
    const std::size_t channel = preparation.bgr ? kChannels - 1 - k % kChannels : k % kChannels;
    const std::size_t to =
        planes ? (image * kChannels + channel) * area + place : k - k % kChannels + channel;
    values[to] = value_of(pixels[k], channel, preparation);
  }
  Shape shape = planes ? Shape{images.shape[0], 3, images.shape[1], images.shape[2]} : images.shape;
  if (rank == 3 && shape[0] == 1) shape.erase(shape.begin());
  if (port.dtype == DType::kFloat32 || port.dtype == DType::kFloat16) {
    return make_tensor(shape, std::move(values));
  }
  if (port.dtype == DType::kUInt8) {
    return make_tensor(shape, std::vector<std::uint8_t>(values.begin(), values.end()));
  }
  throw Error({.code = "R006",
               .found = fmt::format("images of {} cannot be made here", onnx_name(port.dtype)),
               .where = {.item = fmt::format("input '{}'", port.name)},
               .expected = "float, float16 or uint8"});
}

}  // namespace tv2onnx::doctor
