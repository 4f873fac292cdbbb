#pragma once
/// \file
/// Element types and tensors that do not own what they show: checkpoint weights, graph
/// initialisers, and inputs and outputs of a runtime session are all of this one type.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/api.h"

namespace TV2ONNX_API tv2onnx {

/// Element types, named as numpy and torch name them.
enum class DType : std::uint8_t {
  kFloat32,
  kFloat64,
  kFloat16,
  kBFloat16,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kBool,
};

std::size_t dtype_size(DType dtype);       ///< bytes of one element
std::string_view dtype_name(DType dtype);  ///< "float32", "bfloat16", ...
std::string_view onnx_name(DType dtype);   ///< ONNX text syntax: "float", "bfloat16", "int64"
bool is_floating(DType dtype);

using Shape = std::vector<std::int64_t>;

std::int64_t element_count(std::span<const std::int64_t> shape);
std::string shape_text(std::span<const std::int64_t> shape);  ///< "[7,1024]"

/// A tensor whose bytes live elsewhere (a mapped file, a vector) and are kept alive by `owner`.
/// Little-endian. Empty `strides` mean contiguous row-major order.
struct Tensor {
  DType dtype = DType::kFloat32;
  Shape shape;
  Shape strides;                      ///< in elements; empty: contiguous
  const std::byte* data = nullptr;    ///< first element; possibly unaligned
  std::shared_ptr<const void> owner;  ///< keeps `data` alive; null for static storage

  std::int64_t size() const { return element_count(shape); }
  std::size_t byte_size() const { return static_cast<std::size_t>(size()) * dtype_size(dtype); }
  bool is_contiguous() const;
  /// The elements of a contiguous tensor. T must match dtype; alignment is the caller's to know
  /// (tensors made by make_tensor are aligned).
  template <typename T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T*>(data), static_cast<std::size_t>(size())};
  }
};

/// A contiguous tensor that owns the given elements.
Tensor make_tensor(Shape shape, std::vector<float> values);
Tensor make_tensor(Shape shape, std::vector<double> values);
Tensor make_tensor(Shape shape, std::vector<std::int64_t> values);
Tensor make_tensor(Shape shape, std::vector<std::int32_t> values);
Tensor make_tensor(Shape shape, std::vector<std::uint8_t> values);
/// float16, rounded to nearest even; beyond 65504 infinite.
Tensor make_half_tensor(Shape shape, const std::vector<float>& values);
Tensor make_bool_tensor(Shape shape, std::vector<std::uint8_t> values);

/// The k-th part along the first axis of a contiguous tensor, in place.
Tensor part_of(const Tensor& tensor, std::size_t k);

/// Copies elements [begin, end), in row-major order, converted to float32, to `out`.
/// Any dtype, any strides. Exact for float16, bfloat16 and integers up to 2^24.
void copy_as_float(const Tensor& tensor, std::int64_t begin, std::int64_t end, float* out);
/// All elements converted to float32 (see copy_as_float).
std::vector<float> to_float(const Tensor& tensor);
/// All elements of an integer or bool tensor.
std::vector<std::int64_t> to_int64(const Tensor& tensor);
/// A contiguous copy of the bytes in row-major order, same dtype.
std::vector<std::byte> contiguous_bytes(const Tensor& tensor);

}  // namespace TV2ONNX_API tv2onnx
