#pragma once
// Equal, not equal, or not decided.

#include <string>

#include "tv2onnx/verify.h"

namespace tv2onnx {

/// The fingerprint of the checkpoint that a file was exported from; "" if it does not say.
std::string fingerprint_in(const Detector& detector);

/// Settles the verdict of a report in which all differences are counted, and notes what else it
/// depends on.
void decide(VerifyReport& report, const Detector& detector, const Reference& reference);

}  // namespace tv2onnx
