#pragma once
// What is known of the shape of values in a graph that was traced.

#include <string_view>

#include "rewrite/view.h"

namespace tv2onnx::doctor {

/// Axis 1 has length 1, for every input of the model.
bool has_one_column(const View& view, std::string_view value);

}  // namespace tv2onnx::doctor
