#include "onnx/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>

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

const std::string& at_or_absent(const std::vector<std::string>& values, std::size_t k) {
  static const std::string absent;
  return k < values.size() ? values[k] : absent;
}

/// In blocks of a known length, which compilers turn into a few instructions.
void multiply(std::span<float> values, double factor) {
  constexpr std::size_t kBlock = 64;
  const auto each = [factor](std::span<float> part, std::size_t count) {
    for (std::size_t k = 0; k < count; ++k) part[k] = static_cast<float>(part[k] * factor);
  };
  for (; values.size() >= kBlock; values = values.subspan(kBlock)) each(values, kBlock);
  each(values, values.size());
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

void OnnxTensor::copy_as_float(std::int64_t begin, std::int64_t end, float* out) const {
  tv2onnx::copy_as_float(*elements, begin, end, out);
  if (factors.empty()) return;
  const std::int64_t row = elements->size() / static_cast<std::int64_t>(factors.size());
  for (std::int64_t k = begin; k < end;) {
    const std::int64_t stop = std::min(end, (k / row + 1) * row);
    multiply({out + (k - begin), out + (stop - begin)}, factors[static_cast<std::size_t>(k / row)]);
    k = stop;
  }
}

std::optional<Tensor> OnnxTensor::tensor() const {
  if (!factors.empty()) {
    std::vector<float> values(static_cast<std::size_t>(elements->size()));
    copy_as_float(0, elements->size(), values.data());
    return make_tensor(dims, std::move(values));
  }
  if (elements) return elements;
  const std::optional<DType> dtype = dtype_of(data_type);
  if (!dtype || !external.empty()) return std::nullopt;
  const std::optional<std::uint64_t> count = element_count();
  const std::size_t size = dtype_size(*dtype);
  if (!count || *count != bytes.size() / size || bytes.size() % size != 0) return std::nullopt;
  return Tensor{*dtype, dims, {}, bytes.data(), owner};
}

std::optional<std::uint64_t> OnnxTensor::element_count() const {
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t count = 1;
  for (const std::int64_t dim : dims) {
    const auto size = static_cast<std::uint64_t>(dim);
    if (dim < 0 || (dim > 0 && count > kMost / size)) return std::nullopt;
    count *= size;
  }
  return count;
}

std::uint64_t OnnxTensor::byte_size() const {
  if (!elements) return bytes.size();
  const std::optional<DType> dtype = dtype_of(data_type);
  return static_cast<std::uint64_t>(elements->size()) * dtype_size(dtype.value_or(elements->dtype));
}

const std::string& OnnxNode::input(std::size_t k) const {
  return at_or_absent(inputs, k);
}

const std::string& OnnxNode::output(std::size_t k) const {
  return at_or_absent(outputs, k);
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
  return fmt::format("{} -> {}", op, output(0));
}

std::int64_t OnnxModel::opset() const {
  const auto found = opsets.find("");
  return found != opsets.end() ? found->second : 0;
}

}  // namespace tv2onnx
