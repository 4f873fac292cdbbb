#pragma once
// What the words of a command line become.

#include <string>
#include <vector>

#include "cli/options.h"

namespace tv2onnx::cli {

/// Puts the values of an argument, at least one, where they go. \throws UsageFault; what functions
/// of arguments throw.
void set_values(const Argument& row, const std::vector<std::string>& values);

}  // namespace tv2onnx::cli
