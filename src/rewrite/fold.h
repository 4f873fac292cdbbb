#pragma once
// Rewrites of a model that keep its meaning and make it smaller or faster, ours or foreign. One
// file each: the formula, the pattern, the check (with a reason when it refuses), the rewrite.

#include <cstddef>
#include <string>
#include <vector>

#include "onnx/model.h"

namespace tv2onnx {

struct FoldReport {
  std::size_t rewrites = 0;
  std::vector<std::string> refused;  ///< "NODE: reason", one for each match that was left alone
};

/// Conv followed by BatchNormalization becomes one Conv.
FoldReport fold_batch_norm(OnnxModel& model);
/// A factor per input channel before a Conv moves into the Conv's weights.
FoldReport fold_channel_scale(OnnxModel& model);
/// Nodes whose inputs are all small constants become constants.
FoldReport fold_constants(OnnxModel& model);

/// All of them in order. Each removes what nothing needs any more.
FoldReport fold_all(OnnxModel& model);

}  // namespace tv2onnx
