#pragma once
// From images as callers have them to the tensor that a file takes.

#include <cstdint>
#include <string_view>
#include <vector>

#include "tv2onnx/contract.h"
#include "tv2onnx/detector.h"

namespace tv2onnx {

/// A way in which callers prepare an image for a detector, right or wrong.
struct Preparation {
  std::string_view name;
  bool bgr = false;
  bool divided = false;  ///< by 255
  /// Of 0..1, by channel or one number for all; empty: nothing is subtracted and divided by.
  std::vector<float> mean = {};
  std::vector<float> deviation = {};

  bool normalised() const { return !mean.empty(); }
};

/// What the input asks for. Where nothing says what it wants: 0..1, as torchvision's detectors.
Preparation preparation_for(const ImageInput& input);

/// The same, but an input whose pixels nothing is done to gets those that ImageNet's mean and
/// deviation make.
Preparation trained_preparation_for(const ImageInput& input);

/// All that are worth a try for an input of this type.
std::vector<Preparation> preparations_for(DType dtype);

/// Sizes of images in either layout.
struct Extent {
  std::int64_t batch = 0;
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// Of uint8 [n, height, width, channels] or float32 [n, channels, height, width].
Extent extent_of(const Tensor& images);

/// Images [first, first + count) of a contiguous tensor, in place.
Tensor images_from(const Tensor& images, std::int64_t first, std::int64_t count);

/// The same numbers without gaps between them.
Tensor contiguous(const Tensor& images);

/// uint8 RGB images as one channel, if `channels` is 1; other images as they are. By the formula of
/// PIL's convert("L").
Tensor in_channels(const Tensor& images, std::int64_t channels);

/// The images, contiguous, as the input's tensor; not copied if they are so already. An input
/// without batch dimension takes one image.
/// \throws Error R006: the input is neither floats nor bytes, images are smaller than it takes.
Tensor prepare(const Tensor& images, const ImageInput& input, const Preparation& preparation);

}  // namespace tv2onnx
