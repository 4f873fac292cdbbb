#pragma once
// From images as callers have them to the tensor that a detector file takes.

#include <cstdint>

#include "tv2onnx/detector.h"

namespace tv2onnx {

/// Sizes of images in either layout.
struct Extent {
  std::int64_t batch = 0;
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// Of uint8 [n, height, width, channels] or float32 [n, channels, height, width].
Extent extent_of(const Tensor& images);

/// uint8 RGB images as one channel, if `channels` is 1; other images as they are. By the formula of
/// PIL's convert("L").
Tensor in_channels(const Tensor& images, std::int64_t channels);

/// The images, contiguous, in the range, channel order and layout of the contract; not copied if
/// they are so already.
Tensor prepare(const Tensor& images, const DetectorContract& contract);

}  // namespace tv2onnx
