#pragma once
// Putting a branch of an If in the place of the If.

#include "doctor/view.h"

namespace tv2onnx::doctor {

/// The branch must give what the If gives. All views are stale afterwards.
void inline_branch(const View& view, OnnxNode& node, OnnxGraph& branch);

}  // namespace tv2onnx::doctor
