#pragma once
// What a file's metadata say about numbers of fewer bits than float32.

#include <map>
#include <string>

namespace tv2onnx {

inline constexpr const char* kPrecisionKey = "tv2onnx.precision";

/// "fp16-weights", "int8-weights", "fp16", "int8"; "": float32, or the file does not say.
inline std::string precision_in(const std::map<std::string, std::string>& metadata) {
  const auto entry = metadata.find(kPrecisionKey);
  return entry == metadata.end() ? "" : entry->second;
}

}  // namespace tv2onnx
