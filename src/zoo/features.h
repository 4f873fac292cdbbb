#pragma once
// Outputs that are those of a module inside the model, for embeddings.

#include <string>
#include <vector>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/graph.h"

namespace tv2onnx {

/// \throws Error U002 for a path that counts modules which were left out of the checkpoint: the
/// graph has other numbers behind them.
void require_own_numbers(const Checkpoint& checkpoint, const std::vector<std::string>& paths);

/// Declares an output for each module path ("layer3", "features.18"), which is its name.
/// \throws Error U001 with the nearest path if nothing is computed there, U002 for one that is an
/// output already.
void feature_outputs(Graph& graph, const std::vector<std::string>& paths);

}  // namespace tv2onnx
