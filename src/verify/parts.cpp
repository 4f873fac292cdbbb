#include "verify/parts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "verify/distance.h"
#include "verify/mask_difference.h"

namespace tv2onnx {
namespace {

bool within(const KeypointDistance& distance, const Tolerance& allowed) {
  return distance.place <= allowed.keypoint && distance.score <= allowed.keypoint_score;
}

/// Pixels of the image by which keypoints may move because torchvision enlarges the heatmap to the
/// box in pixels of the network, rounded up (heatmaps_to_keypoints): two boxes that are nearly the
/// same may have heatmaps that are not. 0 if they have the same. The whole box where the heatmap
/// becomes smaller: every other size leaves out other places, the maximum among them.
double heatmap_shift(const Detection& expected, const Detection& found,
                     const std::optional<std::array<double, 2>>& scale) {
  constexpr double kPixels = 2;    // of the heatmap: the same maximum, sampled elsewhere
  constexpr double kHeatmap = 56;  // side of KeypointRCNNPredictor's
  constexpr double kUlps = 4;      // that scaling a box in float32 takes or adds
  if (!scale) return 0;
  for (const std::size_t low : {0U, 1U}) {
    const double factor = (*scale)[1 - low];
    const auto side = [&](const Detection& one, double ulps) {
      const double end = one.box[low + 2];
      const double reach = ulps * std::abs(end) * std::numeric_limits<float>::epsilon();
      return std::ceil(std::max(1.0, (end - one.box[low] + reach) * factor));
    };
    const bool same = side(expected, kUlps) == side(found, -kUlps) &&
                      side(expected, -kUlps) == side(found, kUlps);
    if (same) continue;
    const bool shrinks = side(expected, 0) < kHeatmap;
    if (!shrinks) return kPixels / factor;
    const auto& [x1, y1, x2, y2] = expected.box;
    return std::hypot(x2 - x1, y2 - y1);
  }
  return 0;
}

/// Why a keypoint or its score is another one, if it is; a NaN has no excuse. `precise` is the one
/// of PyTorch's float64, or null.
Flip explain(const Keypoint& expected, const Keypoint& found, const Tolerance& allowed,
             const Keypoint* precise, double shift) {
  const KeypointDistance distance = distance_between(expected, found);
  if (within(distance, allowed)) return Flip::kNone;
  if (distance.place > allowed.keypoint && distance.score <= allowed.keypoint_score) {
    return Flip::kKeypointTie;
  }
  if (shift > 0 && distance.place <= shift && std::isfinite(distance.score))
    return Flip::kHeatmapSize;
  const bool imprecise = precise != nullptr &&
                         !within(distance_between(expected, *precise), allowed) &&
                         within(distance_between(found, *precise), allowed);
  return imprecise ? Flip::kPrecision : Flip::kNone;
}

void compare_masks(const Detection& expected, const Detection& found, const Tolerance& allowed,
                   PartComparison& result) {
  const MaskDifference difference = mask_difference(expected, found, allowed.mask);
  result.masks = true;
  if (!difference.other_box) {
    result.mask = difference.worst;
    return;
  }
  result.flips.push_back(
      {without_mask(expected), without_mask(found), Flip::kPasteBox, {}, difference.worst});
}

void compare_keypoints(const Detection& expected, const Detection& found, const Tolerance& allowed,
                       const Detection* precise, const DetectionRules& rules,
                       PartComparison& result) {
  result.keypoints = expected.keypoints.size();
  if (found.keypoints.size() != result.keypoints) {
    result.keypoint = std::numeric_limits<double>::infinity();
    return;
  }
  const bool known = precise != nullptr && precise->keypoints.size() == result.keypoints;
  const double shift = heatmap_shift(expected, found, rules.scale);
  for (std::size_t k = 0; k < result.keypoints; ++k) {
    const Keypoint& left = expected.keypoints[k];
    const Keypoint& right = found.keypoints[k];
    const KeypointDistance distance = distance_between(left, right);
    const Flip flip =
        explain(left, right, allowed, known ? &precise->keypoints[k] : nullptr, shift);
    if (flip != Flip::kNone) {
      result.flips.push_back(
          {without_mask(expected), without_mask(found), flip, k, distance.place});
      continue;
    }
    result.keypoint = worse(result.keypoint, distance.place);
    result.keypoint_score = worse(result.keypoint_score, distance.score);
  }
}

}  // namespace

bool PartComparison::within(const Tolerance& allowed) const {
  return mask <= allowed.mask && keypoint <= allowed.keypoint &&
         keypoint_score <= allowed.keypoint_score;
}

PartComparison compare_parts(const Detection& expected, const Detection& found,
                             const Tolerance& allowed, const Detection* precise,
                             const DetectionRules& rules) {
  PartComparison result;
  if (expected.mask && found.mask) compare_masks(expected, found, allowed, result);
  if (!expected.keypoints.empty() && !found.keypoints.empty()) {
    compare_keypoints(expected, found, allowed, precise, rules, result);
  }
  return result;
}

double mask_distance(const Detection& a, const Detection& b) {
  constexpr double kAnything = std::numeric_limits<double>::infinity();
  return a.mask && b.mask ? mask_difference(a, b, kAnything).worst : 0;
}

Detection without_mask(Detection detection) {
  detection.mask.reset();
  return detection;
}

}  // namespace tv2onnx
