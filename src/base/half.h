#pragma once
// Numbers of half precision (IEEE 754 binary16), by their bits.

#include <cstdint>

namespace tv2onnx {

/// Exact.
float half_to_float(std::uint16_t half);
/// Rounded to nearest even; beyond 65504 infinite.
std::uint16_t float_to_half(float value);

}  // namespace tv2onnx
