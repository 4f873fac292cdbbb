#pragma once
// The images that a model takes, as its graph's input has them.

#include <cstdint>

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// How many images the input takes, and of which size; symbols are free.
struct ImageShape {
  Dim batch = "batch";
  Dim height = "height";
  Dim width = "width";
};

/// Adds the graph's `input` of the mode.
/// \throws Error U002 for `bgr` with another number of channels than 3.
Value image_input(Graph& graph, InputMode mode, bool bgr, std::int64_t channels,
                  const ImageShape& shape = {});

/// uint8 [..., height, width, channels], with or without a batch, as [..., channels, height, width]
Value byte_planes(Value input);

/// [n, channels, height, width] whose channels are RGB
Value as_rgb(Value planes, bool bgr);

}  // namespace tv2onnx
