#pragma once
// Says of a residual and the map that it is added to that they have one shape.

#include "onnx/model.h"

namespace tv2onnx {

/// States the shapes of summands [n, channels, h, w] that have one shape, as follows from the nodes
/// before them: sizes are symbols such as "ceil(height/4)". ONNX Runtime sums up inside of a
/// convolution only what it knows to have one shape (core/optimizer/nchwc_transformer.cc), and of
/// maps of any size it does not see that by itself behind a squeeze-and-excitation.
void state_summands(OnnxModel& model);

}  // namespace tv2onnx
