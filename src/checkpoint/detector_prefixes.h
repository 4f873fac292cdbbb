#pragma once
// Where among the keys of a state dict a torchvision detector is.

#include <span>
#include <string>
#include <vector>

namespace tv2onnx {

/// What the keys of a detector begin with: "" if they are at the top, "model." below a member of
/// that name. In order of appearance; incomplete detectors only if there is no complete one.
std::vector<std::string> detector_prefixes(std::span<const std::string> keys);

}  // namespace tv2onnx
