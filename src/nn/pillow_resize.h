#pragma once
// Pillow's resizing with antialiasing, as torchvision's transforms call it.

#include "graph/ops.h"

namespace tv2onnx {

/// What becomes of one axis of an image; int64 [1] each.
struct ResizedAxis {
  Value from;   ///< pixels of the image
  Value to;     ///< pixels that they are resized to
  Value first;  ///< of those, the first one that is wanted
  Value count;  ///< and how many
};

/// uint8 [n, height, width, c] resized: float32 [n, c, rows.count, columns.count] of whole numbers
/// 0..255, equal to Pillow's.
Value resized_as_pillow(Value bytes, const ResizedAxis& rows, const ResizedAxis& columns,
                        bool bicubic);

}  // namespace tv2onnx
