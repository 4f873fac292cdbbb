#pragma once
// From images as callers have them to the tensor that a detector file takes.

#include <cstdint>

#include "tv2onnx/detector.h"

namespace tv2onnx {

inline constexpr std::int64_t kChannels = 3;

/// Batch, height and width of images in either layout.
struct Extent {
  std::int64_t batch = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// The images, contiguous, in the range, channel order and layout of the contract; not copied if
/// they are so already.
Tensor prepare(const Tensor& images, const Extent& extent, const DetectorContract& contract);

}  // namespace tv2onnx
