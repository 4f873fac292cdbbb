#pragma once
// The outputs of models that give a score for each class of an image or a clip.

#include "graph/ops.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// Declares them: `logits`, `probabilities` [batch, classes], or `scores` and `labels` [batch, k].
/// `logits`: [n, classes]. \throws Error U002: more of the best classes than there are classes.
void class_outputs(Value logits, const BuildOptions& options);

/// How many classes the outputs that it declared are of; 0 if there are none.
std::int64_t output_classes(const Graph& graph);

}  // namespace tv2onnx
