#pragma once
// What the results of all images come to.

#include "tv2onnx/verify.h"

namespace tv2onnx {

/// Fills in what the report says about all images together. More flips than the share `max_flips`
/// are a reason for not being equal.
void sum_up(VerifyReport& report, double max_flips);

/// Notes masks and keypoints that only one side has. Those that the detector lacks are a reason for
/// not being equal.
void note_parts(const Detector& detector, const Reference& reference, VerifyReport& report);

}  // namespace tv2onnx
