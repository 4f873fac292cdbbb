#pragma once
// torch.nn.functional.interpolate with mode="bilinear".

#include "graph/ops.h"

namespace tv2onnx {

/// x [n, channels, h, w] at height and width of `like`, which the graph finds out when it runs.
Value interpolated_like(Value x, Value like);

}  // namespace tv2onnx
