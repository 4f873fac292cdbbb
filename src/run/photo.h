#pragma once
// What a file leaves of a photo's preparation to its caller.

#include <cstdint>
#include <string>
#include <vector>

#include "tv2onnx/contract.h"
#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// How photos are prepared for a file that does not say it: as most of torchvision's weights want
/// it, at the file's own size if it takes no other. `assumption` gets a sentence about it.
PhotoSpec assumed_photo(const ImageInput& input, std::string& assumption);

/// Height and width that images are resized to; of one number the longer side is rounded down.
ImageSize resized_photo_size(const ImageSize& size, const std::vector<std::int64_t>& resize);

/// \throws Error I003 if uint8 [n, height, width, c] are more pixels than an image may have once
/// they are resized for the file, as long and narrow ones are; I002 if they have none.
void require_resized_pixels(const Tensor& images, const PhotoSpec& photo, const std::string& file);

/// uint8 [n, height, width, c] resized and cropped, as one tensor.
Tensor resized_and_cropped(const Tensor& images, const PhotoSpec& photo);

/// Images as uint8 [n, height, width, c]; float32 [n, c, height, width] of 0..1 is rounded.
Tensor as_bytes(const Tensor& images);

}  // namespace tv2onnx
