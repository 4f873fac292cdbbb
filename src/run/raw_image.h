#pragma once
// GeneralizedRCNNTransform for files with raw outputs, whose input has one size.

#include "run/raw_model.h"

namespace tv2onnx {

struct RawImage {
  Tensor x;          ///< float32 [1, channels, height, width] as the file takes it
  ImageSize size{};  ///< of the resized image in its upper left corner
};

/// The size that torchvision resizes an image to; where that does not fit into the input, the
/// largest one of the same aspect that does. \throws Error R006 if images shall keep their size.
ImageSize fitted_size(const ImageSize& image, const RawModel& model);

/// `image`: float32 [1, channels, height, width], RGB, 0..1, contiguous. What the resized image
/// leaves free has the mean, which the file's own normalisation makes 0: torchvision pads with
/// zeros after it has normalised.
RawImage raw_image(const Tensor& image, const RawModel& model);

}  // namespace tv2onnx
