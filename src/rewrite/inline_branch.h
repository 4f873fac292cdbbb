#pragma once
// Putting a branch of an If in the place of the If.

#include <cstddef>
#include <string>
#include <unordered_map>

#include "rewrite/view.h"

namespace tv2onnx {

/// How many nodes, in nested graphs too, make a value of this name.
using Makers = std::unordered_map<std::string, std::size_t>;
Makers count_makers(const View& view);

/// The branch, in which is no other If, must give what the If gives. The view stays true as far as
/// other branches and `makers` are concerned, nothing else.
void inline_branch(View& view, OnnxNode& node, OnnxGraph& branch, Makers& makers);

}  // namespace tv2onnx
