#pragma once
// Graphs of tests, written to a file, checked by onnx and run in ONNX Runtime.

#include <vector>

#include "tv2onnx/graph.h"

namespace tv2onnx::testing {

/// Writes the graph, expects that onnx's checker accepts the file, and runs it. Optimisations of
/// the runtime are off, so that the graph itself is what runs.
std::vector<Tensor> run_graph(const Graph& graph, const std::vector<Tensor>& inputs);

/// The same with the runtime's optimisations, which is what users have.
std::vector<Tensor> run_graph_optimised(const Graph& graph, const std::vector<Tensor>& inputs);

/// Opsets at which some operator used here changes; 11 and 21 are the ends.
inline constexpr int kOpsets[] = {11, 12, 13, 14, 16, 17, 18, 21};

}  // namespace tv2onnx::testing
