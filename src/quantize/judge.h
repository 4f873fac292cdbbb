#pragma once
// What an 8-bit detector is worth beside the original.

#include <cstddef>
#include <functional>

#include "tv2onnx/detector.h"

namespace tv2onnx {

struct Judgement {
  std::size_t confident = 0;  ///< detections of the original with a score of at least 0.5
  std::size_t kept = 0;       ///< of them, found again
  double speed = 0;           ///< times as fast
};

/// Confident detections of one image, and how many have a partner of their own in `found`: the same
/// label, IoU at least 0.9.
void count_kept(const Detections& expected, const Detections& found, Judgement& judgement);

/// Runs of both alternate, so that what else the machine does hits both alike.
Judgement judge(const Detector& original, const Detector& quantised, std::size_t count,
                const std::function<Tensor(std::size_t k)>& image);

}  // namespace tv2onnx
