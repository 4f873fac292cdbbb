#pragma once
// The data of an input: numbers from JSON, or bytes, as tensors.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/tensor.h"

namespace tv2onnx::serve {

/// The type that the protocol calls "FP32", "BOOL", ...
std::optional<DType> protocol_type(std::string_view name);

/// `name` stands for the input in errors. \throws Error R006: a number that the type does not have,
/// or another count than the shape's.
Tensor tensor_from_numbers(DType dtype, const Shape& shape, const std::vector<double>& numbers,
                           const std::string& name);

/// \throws Error R006: another number of bytes than the shape's.
Tensor tensor_from_bytes(DType dtype, const Shape& shape, std::string_view bytes,
                         const std::string& name);

/// Elements of BYTES: of each its length, as four bytes, and then itself.
/// \throws Error R006: they are not so, or another count than the shape's.
std::vector<std::string> pieces_from_bytes(const Shape& shape, std::string_view bytes,
                                           const std::string& name);

}  // namespace tv2onnx::serve
