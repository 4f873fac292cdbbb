#include "verify/precision.h"

#include <algorithm>

#include "verify/distance.h"
#include "verify/flips.h"
#include "verify/parts.h"

namespace tv2onnx {
namespace {

// Above these, float32 and float64 did not round one thing differently but chose another one.
constexpr Tolerance kRounding{
    .box = 1, .score = 0.01, .mask = 0.1, .keypoint = 0.1, .keypoint_score = 0.1};

/// Three times what is rounding.
void widen(double& allowed, double difference, double rounding) {
  if (difference <= rounding) allowed = std::max(allowed, 3 * difference);
}

void widen_keypoints(Tolerance& allowed, const Detection& single, const Detection& precise) {
  const std::size_t count = std::min(single.keypoints.size(), precise.keypoints.size());
  for (std::size_t k = 0; k < count; ++k) {
    const KeypointDistance distance = distance_between(single.keypoints[k], precise.keypoints[k]);
    if (distance.place > kRounding.keypoint) continue;
    widen(allowed.keypoint, distance.place, kRounding.keypoint);
    widen(allowed.keypoint_score, distance.score, kRounding.keypoint_score);
  }
}

}  // namespace

RoundingOfFloat32::RoundingOfFloat32(const Detections& single, const Detections* precise,
                                     const Tolerance& tolerance)
    : precise_(precise), allowed_(tolerance), partners_(single.size()) {
  if (precise == nullptr) return;
  Pairing pairing(single, *precise);
  for (const Pair& pair :
       pairing.take([](const Distance& distance) { return relative(distance, kRounding); })) {
    const Detection& partner = (*precise)[pair.right];
    partners_[pair.left] = &partner;
    widen(allowed_.box, pair.distance.box, kRounding.box);
    widen(allowed_.score, pair.distance.score, kRounding.score);
    widen(allowed_.mask, mask_distance(single[pair.left], partner), kRounding.mask);
    widen_keypoints(allowed_, single[pair.left], partner);
  }
}

void RoundingOfFloat32::take_imprecise(DetectionComparison& result, Pairing& pairing) const {
  if (precise_ == nullptr) return;
  const auto missing = [&](const Detection& detection) {
    return has(*precise_, detection, kRounding) ? Flip::kNone : Flip::kPrecision;
  };
  const auto extra = [&](const Detection& detection) {
    return has(*precise_, detection, allowed_) ? Flip::kPrecision : Flip::kNone;
  };
  take_explained(result, pairing, missing, extra);
}

}  // namespace tv2onnx
