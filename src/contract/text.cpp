#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tv2onnx/contract.h"

namespace tv2onnx {
namespace {

std::string dims_of(const PortInfo& port) {
  std::vector<std::string> dims;
  for (std::size_t k = 0; k < port.shape.size(); ++k) {
    const std::string symbol = port.symbols[k].empty() ? "?" : port.symbols[k];
    dims.push_back(port.shape[k] >= 0 ? std::to_string(port.shape[k]) : symbol);
  }
  return fmt::format("[{}]", fmt::join(dims, ", "));
}

std::string_view range_text(PixelRange range) {
  switch (range) {
    case PixelRange::kUnit: return "0..1";
    case PixelRange::kByte: return "0..255";
    case PixelRange::kUnitOrByte: return "0..1 or 0..255, decided by the largest value";
    case PixelRange::kNormalised: return "0..1 that was normalised";
    case PixelRange::kUnknown: break;
  }
  return "of unknown range";
}

std::string normalisation_text(const ImageInput& input) {
  if (input.normalises) return "normalised inside";
  if (input.range != PixelRange::kNormalised) return "not normalised inside";
  return fmt::format("mean {:.6g}, std {:.6g}", fmt::join(input.mean, " "),
                     fmt::join(input.deviation, " "));
}

std::string sides_text(const std::vector<std::int64_t>& sides) {
  return fmt::format("{}x{}", sides.front(), sides.back());
}

}  // namespace

std::string resizing_text(const PhotoSpec& photo) {
  std::string text;
  if (!photo.resize.empty()) {
    text = photo.resize.size() == 1 ? fmt::format("shorter side {}", photo.resize.front())
                                    : sides_text(photo.resize);
    if (photo.bicubic) text += " (bicubic)";
    if (!photo.antialias) text += " (no antialiasing)";
  }
  if (photo.crop.empty()) return text;
  return fmt::format("{}{}middle {}", text, text.empty() ? "" : ", ", sides_text(photo.crop));
}

std::string preparation_text(const PhotoSpec& photo, Preprocess preprocess) {
  const std::string normalising =
      fmt::format("RGB / 255, minus {:.6g}, divided by {:.6g}", fmt::join(photo.mean, " "),
                  fmt::join(photo.std, " "));
  const std::string resizing = resizing_text(photo);
  const std::string all = resizing.empty() ? normalising : resizing + ", " + normalising;
  switch (preprocess) {
    case Preprocess::kFull: return "in the file: " + all;
    case Preprocess::kNormalize:
      return fmt::format("{}in the file: {}", resizing.empty() ? "" : "before: " + resizing + "; ",
                         normalising);
    case Preprocess::kNone: break;
  }
  return "before: " + all;
}

std::string text_of(const ImageInput& input) {
  const std::string_view order = input.order == ChannelOrder::kBgr   ? "BGR"
                                 : input.order == ChannelOrder::kRgb ? "RGB"
                                                                     : "pixels";
  const auto [height, width] = input.smallest;
  const std::string limit =
      std::max(height, width) > 1 ? fmt::format(", at least {}x{}", height, width) : "";
  return fmt::format("{} {}, {} {}, {}{}", onnx_name(input.port.dtype), dims_of(input.port), order,
                     range_text(input.range), normalisation_text(input), limit);
}

}  // namespace tv2onnx
