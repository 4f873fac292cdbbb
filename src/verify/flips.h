#pragma once
// Detections that one list has and the other has not, although both are right: rounding moved a
// number across a threshold, or decided between two that are equal.

#include <functional>

#include "tv2onnx/verify.h"
#include "verify/pairing.h"

namespace tv2onnx {

/// Why a detection may be in one list only; Flip::kNone: for no reason.
using Why = std::function<Flip(const Detection&)>;

/// Takes out single detections that `missing` or `extra` explains. Whether there were any.
bool take_explained(DetectionComparison& result, Pairing& pairing, const Why& missing,
                    const Why& extra);

/// Takes out what the model itself finds only by a tie among its proposals.
void take_tied_proposals(DetectionComparison& result, Pairing& pairing, const Detections& tied);

/// Takes out pairs of boxes that suppress each other and have the same score (to a tenth of the
/// tolerance), so that rounding decides which one stays. A tie is an exception: where most boxes
/// differ, nothing counts as one.
void take_ties(DetectionComparison& result, Pairing& pairing, const DetectionRules& rules);

/// Takes out single detections that a threshold explains.
void take_flips(DetectionComparison& result, Pairing& pairing, const DetectionRules& rules);

}  // namespace tv2onnx
