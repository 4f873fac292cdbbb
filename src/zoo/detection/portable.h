#pragma once
// What portable files (DetectionBuild::portable) ask of a detector's settings.

#include "nn/image_input.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {

/// TensorRT sorts fewer than this many: "K must be less than 3840".
inline constexpr std::int64_t kMostOfTopK = 3839;

/// \throws Error U002 if the file shall be portable and a setting makes the K of a TopK too large.
void require_portable(const Config& config, const BuildOptions& options);

/// The images that the file takes.
ImageShape image_shape(const BuildOptions& options);

}  // namespace tv2onnx
