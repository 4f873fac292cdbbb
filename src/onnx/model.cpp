#include "onnx/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "onnx/schema.h"

namespace tv2onnx {
namespace {

std::optional<DType> dtype_of(std::int64_t data_type) {
  for (int k = 0; k <= static_cast<int>(DType::kBool); ++k) {
    const auto dtype = static_cast<DType>(k);
    if (schema::data_type(dtype) == data_type) return dtype;
  }
  return std::nullopt;
}

}  // namespace

OnnxTensor stored_tensor(std::string name, const Tensor& tensor, std::int64_t data_type) {
  OnnxTensor stored{.name = std::move(name), .data_type = data_type, .dims = tensor.shape};
  stored.owner = tensor.owner;
  if (data_type == schema::data_type(tensor.dtype) && tensor.is_contiguous()) {
    stored.bytes = {static_cast<const std::byte*>(tensor.data), tensor.byte_size()};
  } else {
    stored.elements = tensor;
  }
  return stored;
}

OnnxTensor stored_tensor(std::string name, const Tensor& tensor) {
  return stored_tensor(std::move(name), tensor, schema::data_type(tensor.dtype));
}

std::optional<Tensor> OnnxTensor::tensor() const {
  if (elements) return elements;
  const std::optional<DType> dtype = dtype_of(data_type);
  if (!dtype || !external.empty()) return std::nullopt;
  std::uint64_t count = 1;
  for (const std::int64_t dim : dims) {
    if (dim < 0 || (dim > 0 && count > bytes.size() / static_cast<std::uint64_t>(dim))) {
      return std::nullopt;
    }
    count *= static_cast<std::uint64_t>(dim);
  }
  if (count * dtype_size(*dtype) != bytes.size()) return std::nullopt;
  return Tensor{*dtype, dims, {}, bytes.data(), owner};
}

std::uint64_t OnnxTensor::byte_size() const {
  if (!elements) return bytes.size();
  const std::optional<DType> dtype = dtype_of(data_type);
  return static_cast<std::uint64_t>(elements->size()) * dtype_size(dtype.value_or(elements->dtype));
}

const OnnxAttribute* OnnxNode::find(std::string_view attribute) const {
  for (const OnnxAttribute& candidate : attributes) {
    if (candidate.name == attribute) return &candidate;
  }
  return nullptr;
}

std::int64_t OnnxNode::integer(std::string_view attribute, std::int64_t otherwise) const {
  const OnnxAttribute* found = find(attribute);
  return found != nullptr ? found->i : otherwise;
}

std::string OnnxNode::label() const {
  if (!name.empty()) return fmt::format("{} ({})", name, op);
  return fmt::format("{} -> {}", op, outputs.empty() ? "" : outputs[0]);
}

std::int64_t OnnxModel::opset() const {
  const auto found = opsets.find("");
  return found != opsets.end() ? found->second : 0;
}

}  // namespace tv2onnx
