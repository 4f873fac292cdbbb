#pragma once
// Images by which no file can be judged.

#include <string>

#include "tv2onnx/verify.h"

namespace tv2onnx {

/// Why the image says nothing, or "". On a blank image, or where scores are saturated, most scores
/// of a network without training tie. Which of the boxes survive is then left to the order that
/// PyTorch's `topk` and sorting happen to give to equal numbers, and PyTorch promises none.
std::string undecided(const DetectionComparison& result, const Detections& expected,
                      const Detections& found);

}  // namespace tv2onnx
