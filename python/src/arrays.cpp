// Tensors of the library as numpy arrays, and the other way.

#include <array>

#include "bindings.h"

namespace tv2onnx::python {
namespace {

struct TypeRow {
  DType dtype;
  nb::dlpack::dtype array;
};

constexpr auto code(nb::dlpack::dtype_code kind) {
  return static_cast<std::uint8_t>(kind);
}

using nb::dlpack::dtype_code;
constexpr auto kTypes = std::to_array<TypeRow>({
    {DType::kFloat32, {code(dtype_code::Float), 32, 1}},
    {DType::kFloat64, {code(dtype_code::Float), 64, 1}},
    {DType::kFloat16, {code(dtype_code::Float), 16, 1}},
    {DType::kInt8, {code(dtype_code::Int), 8, 1}},
    {DType::kInt16, {code(dtype_code::Int), 16, 1}},
    {DType::kInt32, {code(dtype_code::Int), 32, 1}},
    {DType::kInt64, {code(dtype_code::Int), 64, 1}},
    {DType::kUInt8, {code(dtype_code::UInt), 8, 1}},
    {DType::kBool, {code(dtype_code::Bool), 8, 1}},
});

DType dtype_of(const nb::dlpack::dtype& type) {
  for (const TypeRow& row : kTypes) {
    if (row.array == type) return row.dtype;
  }
  throw nb::type_error("the array's type is none of numpy's bool, int, uint8 and float types");
}

nb::dlpack::dtype array_type(DType dtype) {
  for (const TypeRow& row : kTypes) {
    if (row.dtype == dtype) return row.array;
  }
  throw nb::type_error("numpy has no bfloat16");
}

}  // namespace

Tensor tensor_of(const ArrayIn& array) {
  Tensor tensor;
  tensor.dtype = dtype_of(array.dtype());
  for (std::size_t axis = 0; axis < array.ndim(); ++axis) {
    tensor.shape.push_back(static_cast<std::int64_t>(array.shape(axis)));
  }
  tensor.data = static_cast<const std::byte*>(array.data());
  return tensor;
}

nb::object array_of(const Tensor& tensor) {
  std::vector<std::size_t> shape(tensor.shape.begin(), tensor.shape.end());
  auto* kept = new Tensor(tensor);
  const nb::capsule owner(kept, [](void* one) noexcept { delete static_cast<Tensor*>(one); });
  auto* data = const_cast<std::byte*>(tensor.data);
  return nb::cast(nb::ndarray<nb::numpy>(data, shape.size(), shape.data(), owner,
                                         tensor.strides.empty() ? nullptr : tensor.strides.data(),
                                         array_type(tensor.dtype)));
}

nb::dict arrays_of(const NamedTensors& tensors) {
  nb::dict arrays;
  for (const auto& [name, tensor] : tensors) arrays[name.c_str()] = array_of(tensor);
  return arrays;
}

NamedTensors tensors_of(const nb::dict& arrays) {
  NamedTensors tensors;
  for (const auto& [name, array] : arrays) {
    tensors.emplace(nb::cast<std::string>(name), tensor_of(nb::cast<ArrayIn>(array)));
  }
  return tensors;
}

nb::bytes bytes_of(std::span<const std::byte> bytes) {
  return nb::bytes(bytes.data(), bytes.size());
}

}  // namespace tv2onnx::python
