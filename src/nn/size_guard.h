#pragma once
// Sizes that a model cannot take, and that a runtime would take without a word.

#include <string_view>
#include <vector>

#include "graph/ops.h"

namespace tv2onnx {

/// What the axes of an input must be.
struct SizeLimits {
  std::vector<std::int64_t> at_least;     ///< for each axis
  std::vector<std::int64_t> multiple_of;  ///< for each axis
};

/// x. If it breaks a limit the runtime ends with an error of the Reshape that is called `name`:
/// its shape is rounded down and raised to the limits, so that the numbers of elements differ.
/// The metadata get the smallest sides, those of axes 2 and on.
Value guarded(Value x, const SizeLimits& limits, std::string_view name);

}  // namespace tv2onnx
