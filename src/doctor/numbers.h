#pragma once
// What kinds of numbers a tensor has. Looks at bit patterns, so a file of any size is gone through
// once, where it lies.

#include <cstddef>

#include "tv2onnx/tensor.h"

namespace tv2onnx::doctor {

struct NumberCount {
  std::size_t all = 0;
  std::size_t nan = 0;
  std::size_t infinite = 0;
  std::size_t denormal = 0;  ///< too small for full precision; slow on CPUs
  std::size_t zero = 0;
};

/// Zeros if the elements are no floats.
NumberCount count_numbers(const Tensor& tensor);

}  // namespace tv2onnx::doctor
