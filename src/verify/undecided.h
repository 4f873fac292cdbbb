#pragma once
// Images by which no file can be judged.

#include <string>

#include "tv2onnx/verify.h"

namespace tv2onnx {

/// Why the image says nothing, or "". On an image of one colour, or where scores are saturated, the
/// scores of many places tie. Which of the boxes survive is then left to the order that PyTorch's
/// `topk` and sorting happen to give to equal numbers, and PyTorch promises none.
/// \param precise  what PyTorch finds in float64, or null
std::string undecided(const DetectionComparison& result, const Detections& expected,
                      const Detections& found, bool one_colour,
                      const Detections* precise = nullptr);

/// Whether all pixels of the k-th image are equal. \param images as in ReferenceCase
bool is_one_colour(const Tensor& images, std::size_t k);

}  // namespace tv2onnx
