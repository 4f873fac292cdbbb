#pragma once
// The arrays of a recorded reference that say what was found in an image.

#include <string>

#include "tv2onnx/checkpoint.h"
#include "tv2onnx/detector.h"

namespace tv2onnx {

/// \throws Error V002.
[[noreturn]] void refuse_array(const Checkpoint& file, std::string found, const std::string& name,
                               std::string expected);

/// \throws Error V002: it is not there.
const Tensor& recorded_array(const Checkpoint& file, const std::string& name);

/// Detections of one image, `image` being CASE/K, in float32 or float64. Masks and keypoints are
/// read if they are there. \throws Error V002.
Detections recorded_detections(const Checkpoint& file, const std::string& image, DType precision);

}  // namespace tv2onnx
