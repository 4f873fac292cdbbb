#pragma once
// How many inputs and outputs an operator needs. Files may have nodes with fewer: no runtime takes
// them, and what reads a graph here sees an absent input as "".

#include <string>
#include <vector>

#include "onnx/model.h"

namespace tv2onnx {

struct ArityProblem {
  const OnnxNode* node = nullptr;
  std::string found;  ///< "1 inputs, needs 2"
};

/// Nodes of operators that are known here, in nested graphs too, that lack inputs or outputs.
std::vector<ArityProblem> find_arity_problems(const OnnxModel& model);

}  // namespace tv2onnx
