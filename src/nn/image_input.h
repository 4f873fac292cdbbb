#pragma once
// The images that a model takes, as its graph's input has them.

#include <cstdint>

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// Adds the graph's `input` of the mode, with a batch, for images of every size or squares of one.
/// \throws Error U002 for `bgr` with another number of channels than 3.
Value image_input(Graph& graph, InputMode mode, bool bgr, std::int64_t channels,
                  std::int64_t size = kAny);

/// uint8 [..., height, width, channels], with or without a batch, as [..., channels, height, width]
Value byte_planes(Value input);

/// [n, channels, height, width] whose channels are RGB
Value as_rgb(Value planes, bool bgr);

}  // namespace tv2onnx
