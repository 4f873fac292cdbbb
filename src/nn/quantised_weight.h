#pragma once
// Weights of eight bits as torch.ao.quantization stores them.

#include <cstdint>
#include <string_view>
#include <vector>

#include "tv2onnx/nn.h"

namespace tv2onnx {

/// int8, with one scale and zero point, or one for each row.
struct QuantisedWeight {
  Tensor integers = {};
  std::vector<float> scales = {1};
  std::vector<std::uint8_t> zero_points = {0};  ///< bytes of int8
};

/// What a converted layer stores under this name. \throws Error W002
QuantisedWeight stored_weight(Scope s, std::string_view leaf, const Shape& shape);

/// \throws Error W002 unless the number is a scale, or a zero point of uint8
void require_rounding(Scope s, std::string_view leaf, float found, bool zero_point);

}  // namespace tv2onnx
