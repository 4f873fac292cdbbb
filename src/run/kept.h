#pragma once
// How much of what a detector was sure of another form of it finds again. Where numbers of fewer
// bits are computed with, no tolerance of pixels holds, and this is what users see.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tv2onnx/average_precision.h"
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

/// Adds those of one image. Each detection is the partner of one only. Masks must have an IoU of
/// 0.9, and keypoints a similarity of 0.9, as well.
void count_kept(const Detections& expected, const Detections& found, Kept& kept);
/// The same of results in COCO's form, by the likeness of their kind.
Kept kept_of_results(const std::vector<CocoObject>& expected, const std::vector<CocoObject>& found,
                     CocoKind kind);

/// Why that is not good: less than the share is found again, or more than the rest is new; or "".
/// \param things what was counted
std::string fault_of(const Kept& kept, double fewest,
                     std::string_view things = "confident detections");

}  // namespace tv2onnx
