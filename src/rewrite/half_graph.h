#pragma once
// Layers that compute in float16, in a graph that stays float32 elsewhere.

#include <cstddef>

#include "onnx/model.h"

namespace tv2onnx {

struct HalfGraph {
  std::size_t nodes = 0;  ///< that compute in float16 now
  std::size_t kept = 0;   ///< layers left float32: float16 has no such numbers as their weights
};

/// Layers with weights, and what lies between two of them, read and make float16; where that meets
/// the rest a Cast stands. What comes behind the last layers (positions, scores, selection),
/// reductions, normalisation and softmax stay float32. Values keep their names for who reads them
/// in float32.
HalfGraph to_half(OnnxModel& model);

}  // namespace tv2onnx
