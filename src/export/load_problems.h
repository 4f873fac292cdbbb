#pragma once
// Turns what did not fit between a checkpoint and an architecture into one error.

#include <string>
#include <vector>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/nn.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// \throws Error W003 unless every tensor was found, fits and is used.
void require_clean(const LoadReport& report, const WeightSource& source,
                   const Checkpoint& checkpoint, const Model& model, const Recognition& guess);

/// \throws Error W005 if hooks of torch.nn.utils make weights of a whole module, whose own are then
/// not in the file: its keys alone would be puzzling.
void require_plain_weights(const Checkpoint& checkpoint);

/// \throws Error W005 if there are module_differences().
void require_same_modules(const std::vector<std::string>& differences,
                          const Checkpoint& checkpoint);

}  // namespace tv2onnx
