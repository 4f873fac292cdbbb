#pragma once
// Input of OutputMode::kRaw.

#include "nn/image_transform.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// Declares the input, float32 [1, channels, height, width] with values 0..1: an image that the
/// library has resized and padded with its mean. \throws Error U002 for a missing or wrong size,
/// and for inputs other than float RGB.
Value raw_input(Graph& graph, const TransformSpec& transform, const BuildOptions& options);

}  // namespace tv2onnx
