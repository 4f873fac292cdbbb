#pragma once
// Outputs that are those of a module inside the model, for embeddings.

#include <string>
#include <vector>

#include "tv2onnx/graph.h"

namespace tv2onnx {

/// Declares an output for each module path ("layer3", "features.18"), which is its name.
/// \throws Error U001 with the nearest path if nothing is computed there, U002 for one that is an
/// output already.
void feature_outputs(Graph& graph, const std::vector<std::string>& paths);

}  // namespace tv2onnx
