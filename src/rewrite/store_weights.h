#pragma once
// Weights in fewer bytes than they are computed with. The runtime computes them back while it loads
// the file, so a run is as fast as before.

#include <cstddef>
#include <string>

#include "onnx/model.h"

namespace tv2onnx {

enum class WeightForm {
  kHalf,  ///< float16 and a Cast
  kInt8,  ///< int8, a Cast and a Mul by one scale for each output channel
};

struct StoredWeights {
  std::size_t changed = 0;
  std::size_t kept = 0;  ///< left float32: float16 has no such numbers
};

/// Changes the weights of convolutions and matrix products, and nothing else: positions, anchors
/// and biases stay as they are. Values keep their names. Small weights are not worth a node.
StoredWeights store_weights(OnnxModel& model, WeightForm form);

}  // namespace tv2onnx
