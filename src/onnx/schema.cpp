#include "onnx/schema.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace tv2onnx::schema {
namespace {

// In the order of TensorProto.DataType, from 0 on.
constexpr auto kNames = std::to_array<std::string_view>(
    {"undefined",      "float",      "uint8",          "int8",       "uint16",   "int16",
     "int32",          "int64",      "string",         "bool",       "float16",  "double",
     "uint32",         "uint64",     "complex64",      "complex128", "bfloat16", "float8e4m3fn",
     "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4",      "int4",     "float4e2m1"});

}  // namespace

std::int64_t data_type(DType dtype) {
  const std::string_view name = onnx_name(dtype);
  for (std::size_t code = 0; code < kNames.size(); ++code) {
    if (kNames[code] == name) return static_cast<std::int64_t>(code);
  }
  return 0;
}

std::string data_type_name(std::int64_t code) {
  if (code >= 0 && code < static_cast<std::int64_t>(kNames.size())) {
    return std::string(kNames[static_cast<std::size_t>(code)]);
  }
  return fmt::format("type {}", code);
}

}  // namespace tv2onnx::schema
