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
    case PixelRange::kUnknown: break;
  }
  return "of unknown range";
}

/// "0.485 0.456 0.406"; "" if it is no list of numbers.
std::string numbers_in(const Setting* list) {
  std::vector<std::string> numbers;
  if (list == nullptr || list->list() == nullptr) return "";
  for (const Setting& each : *list->list()) {
    double number = 0;
    if (!each.number(number)) return "";
    numbers.push_back(fmt::format("{:g}", number));
  }
  return fmt::format("{}", fmt::join(numbers, " "));
}

}  // namespace

std::string preparation_text(const Setting& config) {
  const std::string mean = numbers_in(config.find("image_mean"));
  const std::string deviation = numbers_in(config.find("image_std"));
  if (mean.empty() || deviation.empty()) return "as in the model's training";
  return fmt::format("RGB / 255, minus {}, divided by {}", mean, deviation);
}

std::string text_of(const ImageInput& input) {
  const std::string_view order = input.order == ChannelOrder::kBgr   ? "BGR"
                                 : input.order == ChannelOrder::kRgb ? "RGB"
                                                                     : "pixels";
  return fmt::format("{} {}, {} {}, {}", onnx_name(input.port.dtype), dims_of(input.port), order,
                     range_text(input.range),
                     input.normalises ? "normalised inside" : "not normalised inside");
}

}  // namespace tv2onnx
