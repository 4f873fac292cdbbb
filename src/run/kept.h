#pragma once
// How much of what a detector was sure of another form of it finds again. Where numbers of fewer
// bits are computed with, no tolerance of pixels holds, and this is what users see.

#include <cstddef>
#include <string>

#include "tv2onnx/detection.h"

namespace tv2onnx {

struct Kept {
  std::size_t confident = 0;  ///< expected detections with a score of at least 0.5
  std::size_t again = 0;      ///< of them, found again: the same label, IoU at least 0.9
  std::size_t added = 0;  ///< found ones with such a score that are no expected one of any score

  double share() const {
    return confident == 0 ? 0 : static_cast<double>(again) / static_cast<double>(confident);
  }
};

/// The share that a file of fewer bits has to keep.
inline constexpr double kFewestKept = 0.97;

/// Adds those of one image. Each detection is the partner of one only.
void count_kept(const Detections& expected, const Detections& found, Kept& kept);

/// Why that is not good: less than the share is found again, or more than the rest is new; or "".
std::string fault_of(const Kept& kept, double fewest);

}  // namespace tv2onnx
