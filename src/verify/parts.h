#pragma once
// Masks and keypoints of the two detections of a pair.

#include <vector>

#include "tv2onnx/verify.h"

namespace tv2onnx {

struct PartComparison {
  bool masks = false;  ///< both have one
  double mask = 0;     ///< probability of the worst pixel
  std::size_t keypoints = 0;
  double keypoint = 0;          ///< pixels, of the worst keypoint
  double keypoint_score = 0;    ///< likewise
  std::vector<PartFlip> flips;  ///< what is not counted in the numbers above

  bool within(const Tolerance& allowed) const;
};

/// Compares what both detections have. `precise` is what PyTorch finds for `expected` in float64,
/// or null.
PartComparison compare_parts(const Detection& expected, const Detection& found,
                             const Tolerance& allowed, const Detection* precise,
                             const DetectionRules& rules);

/// Worst pixel's probability; 0 if one of them has no mask.
double mask_distance(const Detection& a, const Detection& b);

/// The detection without its mask: a report must not keep the masks of all images alive.
Detection without_mask(Detection detection);

}  // namespace tv2onnx
