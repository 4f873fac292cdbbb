#pragma once
// What the results of all images come to.

#include "tv2onnx/verify.h"

namespace tv2onnx {

/// Fills in what the report counts over all images, and as its reason the first thing that is
/// wrong. More flips than the options allow are wrong.
void summarize(VerifyReport& report);

/// Notes masks and keypoints that only one side has. Those that the detector lacks are a reason for
/// not being equal.
void note_parts(const Detector& detector, const Reference& reference, VerifyReport& report);

}  // namespace tv2onnx
