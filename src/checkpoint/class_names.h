#pragma once
// Class names that training scripts leave beside the weights.

#include <string>
#include <vector>

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// Names in the order of their labels, or empty. Looks at the extras (`classes`, `names`,
/// `class_to_idx`, ..., also inside `meta`, `args` and the like) and at the root module.
std::vector<std::string> find_class_names(const Checkpoint& checkpoint);

}  // namespace tv2onnx
