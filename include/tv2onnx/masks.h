#pragma once
/// \file
/// Masks of detected objects: pasting probabilities into the image as torchvision does, and their
/// pixels. tv2onnx/coco.h has run lengths and polygons of these.

#include <array>
#include <cstdint>

#include "tv2onnx/detector.h"
#include "tv2onnx/image.h"

namespace tv2onnx {

/// The pixels that a mask is stretched over; x2 and y2 are the last ones. May reach beyond the
/// image.
struct PasteBox {
  std::int64_t x1 = 0;
  std::int64_t y1 = 0;
  std::int64_t x2 = 0;
  std::int64_t y2 = 0;
  bool operator==(const PasteBox&) const = default;
};

/// Where torchvision pastes a mask of side x side pixels (28 unless the model is unusual): the box,
/// made larger by one pixel of the mask all around, in whole numbers. `side` must be positive. A
/// coordinate that is no number counts as 0.
PasteBox paste_box(const std::array<float, 4>& box, std::int64_t side);

/// Probabilities [m, m] over `box`, of any floating type, as float32 [height, width] of the image:
/// torchvision's paste_masks_in_image. Zeros beyond the box; what lies outside the image is cut
/// off. \throws Error R006: the probabilities are not square.
Tensor paste_mask(const Tensor& probabilities, const std::array<float, 4>& box,
                  const ImageSize& size);

/// The pixels whose probability is above `threshold`, which is in [0, 1). `box` is the detection's
/// and not needed for a pasted mask. The rectangle is the smallest that holds them; without any it
/// is empty.
/// \throws Error R006: probabilities that are not square, or of another size than the image's.
PixelMask pixel_mask(const InstanceMask& mask, const std::array<float, 4>& box,
                     const ImageSize& size, double threshold = 0.5);

std::int64_t mask_area(const PixelMask& mask);  ///< number of pixels

}  // namespace tv2onnx
