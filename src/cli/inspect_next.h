#pragma once
// What tv2onnx inspect proposes to do with a checkpoint.

#include <string>
#include <vector>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::cli {

/// The commands that export the file, which run as they stand: one for each builder that the
/// weights may come from.
std::vector<std::string> export_commands(const Checkpoint& checkpoint, const Recognition& guess);

/// Commands that run as printed, and what may be added to them.
void print_next(const Checkpoint& checkpoint, const Recognition& guess);

}  // namespace tv2onnx::cli
