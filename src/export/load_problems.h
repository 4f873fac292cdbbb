#pragma once
// Turns what did not fit between a checkpoint and an architecture into one error.

#include <string>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/nn.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// \throws Error W003 unless every tensor was found, fits and is used.
void require_clean(const LoadReport& report, const WeightSource& source,
                   const Checkpoint& checkpoint, const Model& model, const Recognition& guess);

/// \throws Error W005 if a whole module says that a layer is not as the graph has it.
void require_same_layers(const LoadReport& report, const Checkpoint& checkpoint);

/// \throws Error W003 if a weight of the checkpoint is not a finite number.
void require_finite_weights(const Checkpoint& checkpoint);

}  // namespace tv2onnx
