#include "onnx/schema.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace tv2onnx::schema {
namespace {

struct Type {
  std::string_view name;
  std::size_t bits;
};

// In the order of TensorProto.DataType, from 0 on.
constexpr auto kTypes = std::to_array<Type>(
    {{"undefined", 0},      {"float", 32},       {"uint8", 8},          {"int8", 8},
     {"uint16", 16},        {"int16", 16},       {"int32", 32},         {"int64", 64},
     {"string", 0},         {"bool", 8},         {"float16", 16},       {"double", 64},
     {"uint32", 32},        {"uint64", 64},      {"complex64", 64},     {"complex128", 128},
     {"bfloat16", 16},      {"float8e4m3fn", 8}, {"float8e4m3fnuz", 8}, {"float8e5m2", 8},
     {"float8e5m2fnuz", 8}, {"uint4", 4},        {"int4", 4},           {"float4e2m1", 4}});

bool is_known(std::int64_t code) {
  return code >= 0 && code < std::ssize(kTypes);
}

}  // namespace

std::int64_t data_type(DType dtype) {
  const std::string_view name = onnx_name(dtype);
  for (std::size_t code = 0; code < kTypes.size(); ++code) {
    if (kTypes[code].name == name) return static_cast<std::int64_t>(code);
  }
  return 0;
}

std::size_t data_type_bits(std::int64_t code) {
  return is_known(code) ? kTypes[static_cast<std::size_t>(code)].bits : 0;
}

std::string data_type_name(std::int64_t code) {
  if (is_known(code)) return std::string(kTypes[static_cast<std::size_t>(code)].name);
  return fmt::format("type {}", code);
}

}  // namespace tv2onnx::schema
