#pragma once
// Values that the exporter could have computed but left to the graph: small expressions of
// constants.

#include <optional>
#include <string_view>

#include "rewrite/view.h"

namespace tv2onnx::doctor {

/// The value as float32 if it depends on constants only, through arithmetic and changes of shape.
/// Weights of layers are too large to be meant: more than a million elements are nullopt.
std::optional<Tensor> float_constant(const View& view, std::string_view value);

/// The same where all elements are equal.
std::optional<double> float_number(const View& view, std::string_view value);

/// The number that was meant by a float32: 0.05 and not 0.05000000074505806.
double shortest(float value);

}  // namespace tv2onnx::doctor
