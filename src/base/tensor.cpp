#include "tv2onnx/tensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "base/half.h"
#include "base/tensor_check.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

struct DTypeRow {
  std::size_t size;
  std::string_view name;
  std::string_view onnx;
};

// Indexed by DType.
constexpr std::array<DTypeRow, 10> kRows{{{4, "float32", "float"},
                                          {8, "float64", "double"},
                                          {2, "float16", "float16"},
                                          {2, "bfloat16", "bfloat16"},
                                          {1, "int8", "int8"},
                                          {2, "int16", "int16"},
                                          {4, "int32", "int32"},
                                          {8, "int64", "int64"},
                                          {1, "uint8", "uint8"},
                                          {1, "bool", "bool"}}};

template <typename T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

float element_as_float(DType dtype, const std::byte* at) {
  switch (dtype) {
    case DType::kFloat32: return load<float>(at);
    case DType::kFloat64: return static_cast<float>(load<double>(at));
    case DType::kFloat16: return half_to_float(load<std::uint16_t>(at));
    case DType::kBFloat16:
      return std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(at)) << 16);
    case DType::kInt8: return load<std::int8_t>(at);
    case DType::kInt16: return load<std::int16_t>(at);
    case DType::kInt32: return static_cast<float>(load<std::int32_t>(at));
    case DType::kInt64: return static_cast<float>(load<std::int64_t>(at));
    case DType::kUInt8:
    case DType::kBool: return load<std::uint8_t>(at);
  }
  return 0;
}

std::int64_t element_as_int(DType dtype, const std::byte* at) {
  switch (dtype) {
    case DType::kInt8: return load<std::int8_t>(at);
    case DType::kInt16: return load<std::int16_t>(at);
    case DType::kInt32: return load<std::int32_t>(at);
    case DType::kInt64: return load<std::int64_t>(at);
    case DType::kUInt8:
    case DType::kBool: return load<std::uint8_t>(at);
    default:
      throw Error({.code = "X001", .found = fmt::format("{} read as integer", dtype_name(dtype))});
  }
}

/// Calls visit(k, byte offset) for the elements [begin, end) in row-major order.
template <typename Visit>
void for_each_element(const Tensor& tensor, std::int64_t begin, std::int64_t end, Visit visit) {
  const auto width = static_cast<std::int64_t>(dtype_size(tensor.dtype));
  if (tensor.is_contiguous()) {
    for (std::int64_t k = begin; k < end; ++k) visit(k - begin, k * width);
    return;
  }
  const std::size_t rank = tensor.shape.size();
  Shape index(rank);
  std::int64_t rest = begin;
  std::int64_t offset = 0;
  for (std::size_t axis = rank; axis-- > 0;) {
    index[axis] = rest % tensor.shape[axis];
    rest /= tensor.shape[axis];
    offset += index[axis] * tensor.strides[axis];
  }
  for (std::int64_t k = begin; k < end; ++k) {
    visit(k - begin, offset * width);
    for (std::size_t axis = rank; axis-- > 0;) {
      offset += tensor.strides[axis];
      if (++index[axis] < tensor.shape[axis]) break;
      offset -= index[axis] * tensor.strides[axis];
      index[axis] = 0;
    }
  }
}

template <typename T>
Tensor own(DType dtype, Shape shape, std::vector<T> values) {
  auto owner = std::make_shared<const std::vector<T>>(std::move(values));
  if (element_count(shape) != static_cast<std::int64_t>(owner->size())) {
    throw Error({.code = "X001",
                 .found = fmt::format("{} values for shape {}", owner->size(), shape_text(shape))});
  }
  return {dtype, std::move(shape), {}, reinterpret_cast<const std::byte*>(owner->data()), owner};
}

}  // namespace

std::size_t dtype_size(DType dtype) {
  return kRows[static_cast<std::size_t>(dtype)].size;
}
std::string_view dtype_name(DType dtype) {
  return kRows[static_cast<std::size_t>(dtype)].name;
}
std::string_view onnx_name(DType dtype) {
  return kRows[static_cast<std::size_t>(dtype)].onnx;
}
bool is_floating(DType dtype) {
  return dtype <= DType::kBFloat16;
}

// More than there can be is as many as can be counted, which no memory has.
std::int64_t element_count(std::span<const std::int64_t> shape) {
  if (std::ranges::find(shape, 0) != shape.end()) return 0;
  std::int64_t count = 1;
  for (const std::int64_t dim : shape) {
    if (__builtin_mul_overflow(count, dim, &count)) return std::numeric_limits<std::int64_t>::max();
  }
  return count;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  return fmt::format("[{}]", fmt::join(shape, ","));
}

bool Tensor::is_contiguous() const {
  if (strides.empty()) return true;
  std::int64_t expected = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    if (shape[axis] != 1 && strides[axis] != expected) return false;
    expected *= shape[axis];
  }
  return true;
}

Tensor make_tensor(Shape shape, std::vector<float> values) {
  return own(DType::kFloat32, std::move(shape), std::move(values));
}
Tensor make_tensor(Shape shape, std::vector<double> values) {
  return own(DType::kFloat64, std::move(shape), std::move(values));
}
Tensor make_tensor(Shape shape, std::vector<std::int64_t> values) {
  return own(DType::kInt64, std::move(shape), std::move(values));
}
Tensor make_tensor(Shape shape, std::vector<std::int32_t> values) {
  return own(DType::kInt32, std::move(shape), std::move(values));
}
Tensor make_tensor(Shape shape, std::vector<std::uint8_t> values) {
  return own(DType::kUInt8, std::move(shape), std::move(values));
}
Tensor make_half_tensor(Shape shape, const std::vector<float>& values) {
  std::vector<std::uint16_t> halves(values.size());
  std::ranges::transform(values, halves.begin(), float_to_half);
  return own(DType::kFloat16, std::move(shape), std::move(halves));
}
Tensor make_bool_tensor(Shape shape, std::vector<std::uint8_t> values) {
  return own(DType::kBool, std::move(shape), std::move(values));
}

Tensor part_of(const Tensor& tensor, std::size_t k) {
  require_readable(tensor);
  if (tensor.shape.empty() || std::cmp_greater_equal(k, tensor.shape[0])) {
    throw Error(
        {.code = "R006",
         .found = fmt::format("part {} of a tensor of shape {}", k, shape_text(tensor.shape)),
         .expected = "a part that it has along its first axis"});
  }
  Tensor part = tensor;
  part.shape.erase(part.shape.begin());
  part.strides.clear();
  if (part.data != nullptr) part.data += k * part.byte_size();
  return part;
}

void copy_as_float(const Tensor& tensor, std::int64_t begin, std::int64_t end, float* out) {
  require_readable(tensor);
  if (begin == end) return;
  if (tensor.dtype == DType::kFloat32 && tensor.is_contiguous()) {
    std::memcpy(out, tensor.data + begin * 4, static_cast<std::size_t>(end - begin) * 4);
    return;
  }
  for_each_element(tensor, begin, end, [&](std::int64_t k, std::int64_t offset) {
    out[k] = element_as_float(tensor.dtype, tensor.data + offset);
  });
}

std::vector<float> to_float(const Tensor& tensor) {
  require_readable(tensor);
  std::vector<float> values(static_cast<std::size_t>(tensor.size()));
  copy_as_float(tensor, 0, tensor.size(), values.data());
  return values;
}

std::vector<std::int64_t> to_int64(const Tensor& tensor) {
  require_readable(tensor);
  std::vector<std::int64_t> values(static_cast<std::size_t>(tensor.size()));
  for_each_element(tensor, 0, tensor.size(), [&](std::int64_t k, std::int64_t offset) {
    values[static_cast<std::size_t>(k)] = element_as_int(tensor.dtype, tensor.data + offset);
  });
  return values;
}

std::vector<std::byte> contiguous_bytes(const Tensor& tensor) {
  require_readable(tensor);
  std::vector<std::byte> bytes(tensor.byte_size());
  const std::size_t width = dtype_size(tensor.dtype);
  if (tensor.is_contiguous()) {
    if (!bytes.empty()) std::memcpy(bytes.data(), tensor.data, bytes.size());
    return bytes;
  }
  for_each_element(tensor, 0, tensor.size(), [&](std::int64_t k, std::int64_t offset) {
    std::memcpy(bytes.data() + static_cast<std::size_t>(k) * width, tensor.data + offset, width);
  });
  return bytes;
}

}  // namespace tv2onnx
