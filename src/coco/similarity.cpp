#include "coco/similarity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "coco/mask_runs.h"

namespace tv2onnx {
namespace {

/// How exactly people annotate each point: COCO's, of nose, eyes, ears, shoulders, elbows, wrists,
/// hips, knees, ankles.
constexpr std::array kSigmas{.026, .025, .025, .035, .035, .079, .079, .072, .072,
                             .062, .062, .107, .107, .087, .087, .089, .089};

double overlap_of_boxes(const std::array<double, 4>& found, const std::array<double, 4>& truth,
                        bool crowd) {
  const double width =
      std::min(found[2] + found[0], truth[2] + truth[0]) - std::max(found[0], truth[0]);
  if (width <= 0) return 0;
  const double height =
      std::min(found[3] + found[1], truth[3] + truth[1]) - std::max(found[1], truth[1]);
  if (height <= 0) return 0;
  const double both = width * height;
  const double area = found[2] * found[3];
  return both / (crowd ? area : area + truth[2] * truth[3] - both);
}

/// How far a coordinate lies outside the object's box made three times as long.
double beyond(double at, double begin, double length) {
  return std::max(0.0, begin - length - at) + std::max(0.0, at - (begin + length * 2));
}

double keypoint_similarity(const CocoObject& found, const CocoObject& truth) {
  bool any_visible = false;
  for (std::size_t k = 0; k < kSigmas.size(); ++k) any_visible |= truth.keypoints[3 * k + 2] > 0;
  double sum = 0;
  double count = 0;
  for (std::size_t k = 0; k < kSigmas.size(); ++k) {
    if (any_visible && !(truth.keypoints[3 * k + 2] > 0)) continue;
    const double x = found.keypoints[3 * k];
    const double y = found.keypoints[3 * k + 1];
    const double dx =
        any_visible ? x - truth.keypoints[3 * k] : beyond(x, truth.box[0], truth.box[2]);
    const double dy =
        any_visible ? y - truth.keypoints[3 * k + 1] : beyond(y, truth.box[1], truth.box[3]);
    const double variance = (kSigmas[k] * 2) * (kSigmas[k] * 2);
    const double area = truth.area + std::numeric_limits<double>::epsilon();
    sum += std::exp(-((dx * dx + dy * dy) / variance / area / 2));
    ++count;
  }
  return sum / count;
}

}  // namespace

double similarity_of(const CocoObject& found, const CocoObject& truth, CocoKind kind) {
  if (kind == CocoKind::kKeypoints) return keypoint_similarity(found, truth);
  const double boxes = overlap_of_boxes(found.box, truth.box, truth.crowd);
  if (kind == CocoKind::kBoxes || !(boxes > 0)) return boxes;
  return overlap_of(found.mask, truth.mask, truth.crowd);
}

}  // namespace tv2onnx
