#pragma once
// Photos resized and cropped as torchvision's transforms do it with Pillow.

#include <cstdint>
#include <vector>

#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// How pixels become others.
struct Resampling {
  bool bicubic = false;   ///< else bilinear
  bool antialias = true;  ///< false: as torch.nn.functional.interpolate, bilinear only
};

/// uint8 [1, height, width, c] in another size, as one. Pixels are those of Pillow's Image.resize:
/// one axis after the other, each rounded, with its weights of 22 bits.
Tensor resized_photo(const Tensor& photo, std::int64_t height, std::int64_t width,
                     const Resampling& resampling);

/// Where the middle begins that is cut out of a side: of what is too much half a pixel is rounded
/// to even, of what lacks it is rounded down, and the place is before the photo.
std::int64_t crop_start(std::int64_t side, std::int64_t wanted);

/// The middle of uint8 [1, height, width, c], with zeros around it where the photo is smaller:
/// torchvision.transforms.functional.center_crop.
Tensor centre_crop(const Tensor& photo, std::int64_t height, std::int64_t width);

}  // namespace tv2onnx
