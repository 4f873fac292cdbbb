#pragma once
// How a checkpoint is exported, in commands.

#include <cstdint>
#include <string>
#include <vector>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// The commands that export the file, which run as they stand: one for each builder that the
/// weights may come from.
std::vector<std::string> export_commands(const Checkpoint& checkpoint, const Recognition& guess);

/// Of the images that a detector takes; 3 where the file does not say.
std::int64_t image_channels(const Checkpoint& checkpoint);

}  // namespace tv2onnx
