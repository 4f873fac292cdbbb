#pragma once
// From a Graph, which only grows, to the model that is rewritten and written.

#include "onnx/model.h"
#include "tv2onnx/graph.h"

namespace tv2onnx {

/// The graph as a fragment: nodes, weights, inputs and outputs, to be spliced into a model.
OnnxGraph lower_fragment(const Graph& graph);

/// The graph as a model of its own, with its opset, title and metadata. Weights stay where they
/// are; the graph is not needed any longer.
OnnxModel lower(const Graph& graph);

}  // namespace tv2onnx
