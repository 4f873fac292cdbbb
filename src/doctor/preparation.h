#pragma once
// The ways in which callers prepare an image for a detector, right or wrong.

#include <optional>
#include <string_view>
#include <vector>

#include "doctor/input_contract.h"
#include "tv2onnx/runtime.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx::doctor {

struct Preparation {
  std::string_view name;
  bool bgr = false;
  bool divided = false;     ///< by 255
  bool normalised = false;  ///< with ImageNet's mean and deviation, after the division
};

/// What the contract asks for; without one the most common.
Preparation preparation_for(const std::optional<InputContract>& contract);

/// All that are worth a try for an input of this type.
std::vector<Preparation> preparations_for(DType dtype);

/// uint8 [n, height, width, 3] RGB as the file's input. \throws Error R006 (element type or number
/// of dimensions that no image has).
Tensor prepared(const Tensor& images, const PortInfo& port, std::size_t channel_axis,
                const Preparation& preparation);

}  // namespace tv2onnx::doctor
