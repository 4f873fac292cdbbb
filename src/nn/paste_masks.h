#pragma once
// paste_masks_in_image (torchvision/models/detection/roi_heads.py) for all masks at once.

#include "tv2onnx/graph.h"

namespace tv2onnx {

/// Masks [n, 1, size, size] over boxes [n, 4] of the image as float32 [n, 1, height, width], zero
/// outside the boxes. `image_size` is int64 [2] (height, width). n may be 0.
Value paste_masks(Value masks, Value boxes, Value image_size);

}  // namespace tv2onnx
