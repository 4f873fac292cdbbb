#pragma once
// How far the masks of two detections of one object are apart.

#include "tv2onnx/detector.h"

namespace tv2onnx {

struct MaskDifference {
  double worst = 0;  ///< probability of the worst pixel; infinite for masks of different sizes
  /// The detections' boxes, rounded to whole pixels, are not the same, and that alone explains a
  /// difference of more than `allowed`.
  bool other_box = false;
};

/// Both detections must have a mask. Probabilities over the box are compared as they are; if one
/// mask is pasted, the other one is pasted into its own box.
MaskDifference mask_difference(const Detection& expected, const Detection& found, double allowed);

}  // namespace tv2onnx
