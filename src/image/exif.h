#pragma once
// The orientation that cameras note in EXIF data.

#include "image/codec.h"

namespace tv2onnx {

/// 1 to 8 as EXIF numbers them; 1 (upright) if the file says nothing, or nothing sensible.
int exif_orientation(Bytes file);

/// The pixels of a photo that was taken with this orientation, as one looks at it.
Pixels upright(const Pixels& pixels, int orientation);

}  // namespace tv2onnx
