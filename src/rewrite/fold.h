#pragma once
// Rewrites of a graph that keep its meaning and make it smaller or faster. One file each: the
// formula, the pattern, the check (with a reason when it refuses), the rewrite.

#include <cstddef>
#include <string>
#include <vector>

#include "tv2onnx/graph.h"

namespace tv2onnx {

struct PassReport {
  std::size_t rewrites = 0;
  std::vector<std::string> refused;  ///< "NODE: reason", one for each match that was left alone
};

/// Conv followed by BatchNormalization becomes one Conv.
PassReport fold_batch_norm(Graph& graph);
/// A factor per input channel before a Conv moves into the Conv's weights.
PassReport fold_channel_scale(Graph& graph);
/// Nodes whose inputs are all small constants become constants.
PassReport fold_constants(Graph& graph);

/// All passes in order. Each removes what nothing needs any more.
PassReport run_passes(Graph& graph);

}  // namespace tv2onnx
