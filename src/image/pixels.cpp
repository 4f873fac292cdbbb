#include "image/pixels.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "tv2onnx/error.h"

namespace tv2onnx {

cv::Mat pixels_of(const Tensor& image) {
  const Shape& shape = image.shape;
  if (image.dtype != DType::kUInt8 || shape.size() != 4 || shape[0] != 1 || shape[3] != 3 ||
      !image.is_contiguous()) {
    throw Error({.code = "R006",
                 .found = fmt::format("a tensor {} {}", dtype_name(image.dtype), shape_text(shape)),
                 .expected = "an image: contiguous uint8 [1,height,width,3]"});
  }
  return {static_cast<int>(shape[1]), static_cast<int>(shape[2]), CV_8UC3,
          const_cast<std::byte*>(image.data)};
}

Tensor tensor_of(cv::Mat pixels) {
  if (!pixels.isContinuous()) pixels = pixels.clone();
  const auto owner = std::make_shared<cv::Mat>(std::move(pixels));
  return {DType::kUInt8,
          {1, owner->rows, owner->cols, 3},
          {},
          reinterpret_cast<const std::byte*>(owner->data),
          owner};
}

}  // namespace tv2onnx
