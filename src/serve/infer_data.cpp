#include "serve/infer_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "serve/protocol.h"
#include "serve/refuse.h"

namespace tv2onnx::serve {
namespace {

struct TypeName {
  DType dtype;
  std::string_view name;
};
constexpr auto kTypes = std::to_array<TypeName>({{DType::kBool, "BOOL"},
                                                 {DType::kUInt8, "UINT8"},
                                                 {DType::kInt8, "INT8"},
                                                 {DType::kInt16, "INT16"},
                                                 {DType::kInt32, "INT32"},
                                                 {DType::kInt64, "INT64"},
                                                 {DType::kFloat16, "FP16"},
                                                 {DType::kBFloat16, "BF16"},
                                                 {DType::kFloat32, "FP32"},
                                                 {DType::kFloat64, "FP64"}});

void require_count(std::int64_t wanted, std::size_t found, std::string_view what,
                   const std::string& name) {
  if (std::cmp_equal(wanted, found)) return;
  refuse(fmt::format("{} {}", found, what), fmt::format("{}, as the shape says", wanted), name);
}

template <typename T>
std::vector<T> converted(const std::vector<double>& numbers, const std::string& name) {
  std::vector<T> values;
  values.reserve(numbers.size());
  for (const double number : numbers) {
    if constexpr (std::is_integral_v<T>) {
      const bool fits = number == std::floor(number) &&
                        number >= static_cast<double>(std::numeric_limits<T>::min()) &&
                        number < std::ldexp(1.0, std::numeric_limits<T>::digits);
      if (!fits) refuse(fmt::format("the number {}", number), "one of the data type", name);
    }
    values.push_back(static_cast<T>(number));
  }
  return values;
}

Tensor half_tensor(const Shape& shape, const std::vector<double>& numbers,
                   const std::string& name) {
  return make_half_tensor(shape, converted<float>(numbers, name));
}

/// Bytes as a tensor of their own: those of the request need not be aligned.
Tensor tensor_of(DType dtype, const Shape& shape, std::string_view bytes) {
  const std::span<const std::byte> content = std::as_bytes(std::span(bytes));
  auto owned = std::make_shared<std::vector<std::byte>>(content.begin(), content.end());
  const std::byte* data = owned->data();
  return {dtype, shape, {}, data, std::move(owned)};
}

template <typename T>
Tensor plain_tensor(DType dtype, const Shape& shape, const std::vector<double>& numbers,
                    const std::string& name) {
  const std::vector<T> values = converted<T>(numbers, name);
  return tensor_of(dtype, shape,
                   {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}

}  // namespace

std::optional<DType> protocol_type(std::string_view name) {
  const auto* row = std::ranges::find(kTypes, name, &TypeName::name);
  return row == kTypes.end() ? std::nullopt : std::optional(row->dtype);
}

std::string_view protocol_name(DType dtype) {
  return std::ranges::find(kTypes, dtype, &TypeName::dtype)->name;
}

Tensor tensor_from_numbers(DType dtype, const Shape& shape, const std::vector<double>& numbers,
                           const std::string& name) {
  require_count(element_count(shape), numbers.size(), "numbers", name);
  switch (dtype) {
    case DType::kUInt8: return plain_tensor<std::uint8_t>(dtype, shape, numbers, name);
    case DType::kInt8: return plain_tensor<std::int8_t>(dtype, shape, numbers, name);
    case DType::kInt16: return plain_tensor<std::int16_t>(dtype, shape, numbers, name);
    case DType::kInt32: return plain_tensor<std::int32_t>(dtype, shape, numbers, name);
    case DType::kInt64: return plain_tensor<std::int64_t>(dtype, shape, numbers, name);
    case DType::kFloat32: return plain_tensor<float>(dtype, shape, numbers, name);
    case DType::kFloat64: return plain_tensor<double>(dtype, shape, numbers, name);
    case DType::kFloat16: return half_tensor(shape, numbers, name);
    default: refuse(fmt::format("{} in JSON", protocol_name(dtype)), "binary data", name);
  }
}

Tensor tensor_from_bytes(DType dtype, const Shape& shape, std::string_view bytes,
                         const std::string& name) {
  std::int64_t size = 0;
  if (__builtin_mul_overflow(element_count(shape), static_cast<std::int64_t>(dtype_size(dtype)),
                             &size)) {
    refuse("a shape with too many elements", "", name);
  }
  require_count(size, bytes.size(), "bytes", name);
  return tensor_of(dtype, shape, bytes);
}

std::vector<std::string> pieces_from_bytes(const Shape& shape, std::string_view bytes,
                                           const std::string& name) {
  std::vector<std::string> pieces;
  while (!bytes.empty()) {
    std::uint32_t length = 0;
    if (bytes.size() < sizeof length) refuse("an element that ends in its length", "", name);
    std::memcpy(&length, bytes.data(), sizeof length);
    bytes.remove_prefix(sizeof length);
    if (length > bytes.size()) {
      refuse(fmt::format("an element of {} bytes where {} are left", length, bytes.size()),
             "four bytes with the length of each element before it", name);
    }
    pieces.emplace_back(bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  require_count(element_count(shape), pieces.size(), "elements", name);
  return pieces;
}

}  // namespace tv2onnx::serve
