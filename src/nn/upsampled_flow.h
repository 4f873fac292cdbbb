#pragma once
// How RAFT makes a flow eight times as large (torchvision/models/optical_flow/_utils.py,
// upsample_flow).

#include "graph/ops.h"

namespace tv2onnx {

/// flow [n, 2, h, w] -> [n, 2, 8 h, 8 w], in pixels of the larger one: bilinear, align_corners=True
Value upsampled_flow(Value flow);

/// Each pixel a mean of the nine cells around it, with the weights that softmax makes of
/// `mask` [n, 9 * 8 * 8, h, w].
Value upsampled_flow(Value flow, Value mask);

}  // namespace tv2onnx
