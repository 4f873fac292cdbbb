#pragma once
// How alike a result and an annotated object are.

#include "tv2onnx/average_precision.h"

namespace tv2onnx {

/// Intersection over union of boxes or masks (over the result's area if the object is a crowd), or
/// the object keypoint similarity.
double similarity_of(const CocoObject& found, const CocoObject& truth, CocoKind kind);

}  // namespace tv2onnx
