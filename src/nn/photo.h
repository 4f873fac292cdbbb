#pragma once
// ImageClassification and its kind (torchvision/transforms/_presets.py): a photo becomes what a
// network was trained on. Pixels are those of the transforms on Pillow's images, which round after
// resizing each axis.

#include "graph/ops.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {

/// uint8 [n, height, width, c] resized and cropped: float32 [n, c, h, w] of whole numbers 0..255.
/// \throws Error U002 for a preparation that is not built.
Value photo_pixels(Value bytes, const PhotoSpec& spec);

/// Minus the mean, divided by the deviation. \param largest what white is: 1 or 255
Value normalised_photo(Value pixels, const PhotoSpec& spec, double largest);

}  // namespace tv2onnx
