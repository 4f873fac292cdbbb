#pragma once
// Photos in another size.

#include <cstdint>
#include <vector>

#include "tv2onnx/tensor.h"

namespace tv2onnx {

/// uint8 [1, height, width, 3] in another size, as height x width x 3: every pixel is the mean of
/// the area that it stands for; where a side grows, both are interpolated. The pixels are those of
/// OpenCV's INTER_AREA, to the bit, because references of earlier versions were made from these.
std::vector<std::uint8_t> area_resized(const Tensor& photo, std::int64_t height,
                                       std::int64_t width);

}  // namespace tv2onnx
