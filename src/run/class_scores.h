#pragma once
// From the outputs of a file to classes with their probabilities.

#include <cstddef>
#include <vector>

#include "tv2onnx/classifier.h"

namespace tv2onnx {

/// What the results of a run, in the order of the file's outputs, say of one image or clip.
Classification classification_of(const std::vector<Tensor>& results, const AnswerOutputs& outputs,
                                 std::size_t image);

}  // namespace tv2onnx
