#pragma once
// Tensors of images as OpenCV sees them, and back.

#include <opencv2/core.hpp>

#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// uint8 [1, height, width, 3] in place, not to be written to. \throws Error R006 for other
/// tensors.
cv::Mat pixels_of(const Tensor& image);

/// A tensor that shares and keeps the pixels (CV_8UC3).
Tensor tensor_of(cv::Mat pixels);

}  // namespace tv2onnx
