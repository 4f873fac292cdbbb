#pragma once
// What the scores of a classifier are, of files that do not say so.

#include "rewrite/view.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// Of the first output: probabilities if a softmax is what makes it, else logits.
OutputMode find_class_output(const View& view);

}  // namespace tv2onnx
