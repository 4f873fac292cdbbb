#pragma once
// Float numbers as 8-bit ones: which scale, which zero point, which numbers.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// Smallest and largest number that 8 bits have to tell apart.
struct ValueRange {
  float low = 0;
  float high = 0;
};

/// uint8 numbers stand for scale * (number - zero).
struct UnsignedScale {
  float scale = 1;
  std::uint8_t zero = 0;
};
UnsignedScale scale_of(ValueRange range);

/// int8 numbers with one scale for each part along an axis.
struct Int8Weight {
  Tensor numbers;             ///< int8, of the weight's shape
  std::vector<float> scales;  ///< one for each index of the axis
};

/// Each scale is the one, of a few below that of the largest number, whose squared error is least.
/// \param most the largest number: 127, or 63 where sums of products of larger ones overflow
Int8Weight quantise_weight(const Tensor& weight, std::size_t axis, int most);

/// int8 numbers of a shape.
Tensor int8_tensor(Shape shape, std::vector<std::int8_t> values);

}  // namespace tv2onnx
