#pragma once
// Graphs of tests, lowered, checked by onnx and run in ONNX Runtime.

#include <array>
#include <vector>

#include "onnx/model.h"
#include "tv2onnx/graph.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx::testing {

enum class Optimise {
  kNo,   ///< the graph itself is what runs
  kYes,  ///< with the runtime's optimisations, which is what users have
};

/// The graph as a model without what no output needs; expects that it is sound.
OnnxModel lowered(const Graph& graph);

/// Writes the model, expects that onnx's checker accepts the file, and loads it.
Session session_of(const OnnxModel& model, Optimise optimise = Optimise::kNo);
/// The same of lowered(graph).
Session session_of(const Graph& graph, Optimise optimise = Optimise::kNo);

/// Expects that no value is in double precision, which not every runtime has.
void expect_no_double(const Graph& graph);

/// session_of(...).run(inputs)
std::vector<Tensor> run_graph(const OnnxModel& model, const std::vector<Tensor>& inputs);
std::vector<Tensor> run_graph(const Graph& graph, const std::vector<Tensor>& inputs);

/// Opsets at which an operator changes that this project uses differently; 11 and 21 are the ends.
inline constexpr std::array kOpsets{11, 12, 13, 14, 16, 17, 18, 21};

}  // namespace tv2onnx::testing
