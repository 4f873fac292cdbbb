#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/tensor_check.h"
#include "base/text.h"
#include "runtime/session_state.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::array<std::pair<ONNXTensorElementDataType, DType>, 10> kTypes{{
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, DType::kFloat32},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, DType::kFloat64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, DType::kFloat16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16, DType::kBFloat16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, DType::kInt8},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, DType::kInt16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, DType::kInt32},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, DType::kInt64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, DType::kUInt8},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, DType::kBool},
}};

ONNXTensorElementDataType runtime_type(DType dtype) {
  for (const auto& [theirs, ours] : kTypes) {
    if (ours == dtype) return theirs;
  }
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
}

}  // namespace

std::optional<DType> our_type(ONNXTensorElementDataType type) {
  for (const auto& [theirs, ours] : kTypes) {
    if (theirs == type) return ours;
  }
  return std::nullopt;
}

/// Shows the tensor's bytes to the runtime in place; `kept` holds a copy where that is impossible.
Handle<OrtValue> Session::State::bind(const Tensor& tensor, const PortInfo& port,
                                      Tensor& kept) const {
  const std::string what = fmt::format("input '{}'", printable(port.name));
  if (tensor.dtype == DType::kFloat32 && port.dtype == DType::kFloat16) {
    return bind(make_half_tensor(tensor.shape, to_float(tensor)), port, kept);
  }
  if (tensor.dtype != port.dtype) {
    throw Error({.code = "R006",
                 .found = fmt::format("{} of the model got {}", what, dtype_name(tensor.dtype)),
                 .where = {.file = file, .offset = {}, .item = {}},
                 .expected = std::string(dtype_name(port.dtype))});
  }
  require_readable(tensor);
  kept = tensor;
  const auto address = reinterpret_cast<std::uintptr_t>(tensor.data);
  if (!tensor.is_contiguous() || address % dtype_size(tensor.dtype) != 0 || address == 0) {
    auto copy = std::make_shared<std::vector<std::byte>>(contiguous_bytes(tensor));
    copy->reserve(1);  // an empty tensor still needs an address
    kept.data = copy->data();
    kept.owner = std::move(copy);
  }
  OrtValue* value = nullptr;
  check(runtime.api->CreateTensorWithDataAsOrtValue(
            memory.get(), const_cast<std::byte*>(kept.data), tensor.byte_size(),
            tensor.shape.data(), tensor.shape.size(), runtime_type(tensor.dtype), &value),
        "R003", what + " cannot be bound");
  return {value, runtime.api->ReleaseValue};
}

/// A tensor that shows the runtime's own memory and keeps value and session alive.
Tensor Session::State::show(const std::shared_ptr<OrtValue>& value, const PortInfo& port) const {
  const OrtApi& api = *runtime.api;
  const std::string found = fmt::format("output '{}' cannot be read", printable(port.name));
  OrtTensorTypeAndShapeInfo* raw = nullptr;
  check(api.GetTensorTypeAndShape(value.get(), &raw), "R003", found);
  const Handle<OrtTensorTypeAndShapeInfo> info(raw, api.ReleaseTensorTypeAndShapeInfo);
  std::size_t rank = 0;
  check(api.GetDimensionsCount(raw, &rank), "R003", found);
  Tensor tensor;
  tensor.dtype = port.dtype;
  tensor.shape.resize(rank);
  check(api.GetDimensions(raw, tensor.shape.data(), rank), "R003", found);
  void* data = nullptr;
  check(api.GetTensorMutableData(value.get(), &data), "R003", found);
  tensor.data = static_cast<const std::byte*>(data);
  tensor.owner = value;
  return tensor;
}

}  // namespace tv2onnx
