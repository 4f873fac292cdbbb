#pragma once
// Class names that training scripts leave beside the weights.

#include <string>
#include <vector>

#include "tv2onnx/checkpoint.h"

namespace tv2onnx {

/// Lists of names in the order of their labels. Looks at the extras (`classes`, `names`,
/// `class_to_idx`, ..., also in dicts inside) and at the root module.
std::vector<ClassList> find_class_names(const Checkpoint& checkpoint);

}  // namespace tv2onnx
