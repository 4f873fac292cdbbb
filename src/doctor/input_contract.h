#pragma once
// What a file does with the pixels before its first layer, and so what it wants.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rewrite/view.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx::doctor {

enum class PixelRange {
  kUnknown,     ///< nothing is done to the pixels: the caller normalises
  kUnit,        ///< 0..1
  kByte,        ///< 0..255
  kUnitOrByte,  ///< decided per image (tv2onnx export --input auto)
};

enum class ChannelOrder { kUnknown, kRgb, kBgr };

struct InputContract {
  const OnnxValueInfo* port = nullptr;
  std::size_t channel_axis = 1;  ///< of three or four dimensions
  PixelRange range = PixelRange::kUnknown;
  ChannelOrder order = ChannelOrder::kUnknown;
  std::array<double, 3> mean{};              ///< subtracted, in units of the input
  std::array<double, 3> deviation{1, 1, 1};  ///< then divided by, in units of the input
  bool normalises = false;                   ///< mean and deviation are in the graph
  std::vector<std::string> evidence;         ///< nodes, or metadata
};

/// Of the first input; nullopt if that is no image of three channels.
std::optional<InputContract> find_input_contract(const View& view);

/// "float32 [batch, 3, height, width], RGB 0..1, normalised inside".
std::string text_of(const InputContract& contract);

}  // namespace tv2onnx::doctor
