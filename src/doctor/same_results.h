#pragma once
// What two files give for one image, compared.

#include <vector>

#include "tv2onnx/tensor.h"

namespace tv2onnx::doctor {

/// How far apart numbers may be that should not change: the order of sums may. In proportion to the
/// largest number of an output, since a box at the border is as exact as any other one.
inline constexpr float kRounding = 1e-4F;

/// Whether the results are equal but for rounding. Detections of about equal score may change
/// places.
bool same_results(const std::vector<Tensor>& a, const std::vector<Tensor>& b);

/// Whether only boxes of equal score are others. On an image of one colour the scores of many
/// places tie, and then rounding decides which of them stay.
bool same_but_for_ties(const std::vector<Tensor>& a, const std::vector<Tensor>& b);

}  // namespace tv2onnx::doctor
