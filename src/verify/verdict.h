#pragma once
// Equal, not equal, or not decided.

#include <string>

#include "run/kept.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {

/// The fingerprint of the checkpoint that a file was exported from; "" if it does not say.
std::string fingerprint_in(const Detector& detector);

/// Settles the verdict of a report in which all differences are counted, and notes what else it
/// depends on.
void decide(VerifyReport& report, const Detector& detector, const Reference& reference);

/// Of a file whose metadata say that it has numbers of fewer bits: the reason is what it keeps, as
/// tolerances of float32 do not hold for it. Nothing changes where a run failed or the reference
/// has nothing that is sure. Before decide().
void judge_by_kept(VerifyReport& report, const Detector& detector, const Kept& kept);

}  // namespace tv2onnx
