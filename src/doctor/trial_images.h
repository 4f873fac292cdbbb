#pragma once
// The images that a trial runs a foreign file on.

#include <vector>

#include "tv2onnx/detector.h"
#include "tv2onnx/verify.h"

namespace tv2onnx::doctor {

/// What such files trip over, of the size that the file takes if it takes only one.
/// \throws Error as standard_cases
std::vector<InputCase> cases_for(const Detector& detector, const std::vector<Tensor>& photos);

/// The image on which ways to prepare images are compared.
Tensor variant_image(const Detector& detector, const std::vector<Tensor>& photos);

}  // namespace tv2onnx::doctor
