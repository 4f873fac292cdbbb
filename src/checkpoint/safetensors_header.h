#pragma once
// The JSON header of a safetensors file, read event by event: a tree of a hostile header would take
// many times the memory of its text.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/setting.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

struct SafetensorsEntry {
  std::string name;
  std::string dtype;
  Shape shape;
  std::vector<std::uint64_t> range;  ///< begin, end
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> tensors;  ///< in the order of the header
  SettingDict metadata;
};

/// `offset` is that of the text in the file. \throws Error C007, P002.
SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t offset);

}  // namespace tv2onnx
