#pragma once
// Putting a branch of an If in the place of the If.

#include "rewrite/view.h"

namespace tv2onnx {

/// The branch must give what the If gives. All views are stale afterwards.
void inline_branch(View& view, OnnxNode& node, OnnxGraph& branch);

}  // namespace tv2onnx
