#pragma once
// The orientation that cameras note in EXIF data.

#include "image/codec.h"

namespace tv2onnx {

/// 1 to 8 as EXIF numbers them; 1 (upright) if the file says nothing, or nothing sensible.
int exif_orientation(Bytes file);

/// The pixels upright.
cv::Mat apply_orientation(cv::Mat pixels, int orientation);

}  // namespace tv2onnx
