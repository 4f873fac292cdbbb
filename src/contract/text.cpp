#include <fmt/format.h>
#include <fmt/ranges.h>

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

}  // namespace

std::string preparation_text(const std::vector<double>& mean,
                             const std::vector<double>& deviation) {
  return fmt::format("RGB / 255, minus {:.6g}, divided by {:.6g}", fmt::join(mean, " "),
                     fmt::join(deviation, " "));
}

std::string text_of(const ImageInput& input) {
  const std::string_view order = input.order == ChannelOrder::kBgr   ? "BGR"
                                 : input.order == ChannelOrder::kRgb ? "RGB"
                                                                     : "pixels";
  return fmt::format("{} {}, {} {}, {}", onnx_name(input.port.dtype), dims_of(input.port), order,
                     range_text(input.range), normalisation_text(input));
}

}  // namespace tv2onnx
