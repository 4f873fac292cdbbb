#pragma once
// How much of what a detector was sure of another form of it finds again. Where numbers of fewer
// bits are computed with, no tolerance of pixels holds, and this is what users see.

#include <cstddef>

#include "tv2onnx/detection.h"

namespace tv2onnx {

struct Kept {
  std::size_t confident = 0;  ///< expected detections with a score of at least 0.5
  std::size_t again = 0;      ///< of them, found again: the same label, IoU at least 0.9

  double share() const {
    return confident == 0 ? 0 : static_cast<double>(again) / static_cast<double>(confident);
  }
};

/// The share that a file of fewer bits has to keep.
inline constexpr double kFewestKept = 0.97;

/// Adds those of one image. Each found detection is the partner of one only.
void count_kept(const Detections& expected, const Detections& found, Kept& kept);

}  // namespace tv2onnx
