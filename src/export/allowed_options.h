#pragma once
// Which of the options of an export a model has.

#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// \throws Error U002 for options that only other models have.
void require_allowed(const Model& model, const BuildOptions& build);

}  // namespace tv2onnx
