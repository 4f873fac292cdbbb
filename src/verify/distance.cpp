#include "verify/distance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace tv2onnx {
namespace {

double area(const std::array<float, 4>& box) {
  return std::max(0.0, double{box[2]} - box[0]) * std::max(0.0, double{box[3]} - box[1]);
}

double apart(float a, float b) {
  return std::abs(double{a} - b);
}

}  // namespace

double box_iou(const std::array<float, 4>& a, const std::array<float, 4>& b) {
  const std::array<float, 4> common{std::max(a[0], b[0]), std::max(a[1], b[1]),
                                    std::min(a[2], b[2]), std::min(a[3], b[3])};
  const double shared = area(common);
  const double all = area(a) + area(b) - shared;
  return all > 0 ? shared / all : 0;
}

Distance distance_between(const Detection& a, const Detection& b) {
  Distance distance{.box = 0, .score = apart(a.score, b.score), .iou = box_iou(a.box, b.box)};
  for (std::size_t k = 0; k < 4; ++k) distance.box = worse(distance.box, apart(a.box[k], b.box[k]));
  return distance;
}

KeypointDistance distance_between(const Keypoint& a, const Keypoint& b) {
  return {worse(apart(a.x, b.x), apart(a.y, b.y)), apart(a.score, b.score)};
}

double relative(double difference, double allowed) {
  if (difference == 0) return 0;
  return difference / allowed;
}

double relative(const Distance& distance, const Tolerance& allowed) {
  return worse(relative(distance.box, allowed.box), relative(distance.score, allowed.score));
}

bool has(const Detections& list, const Detection& detection, const Tolerance& allowed) {
  return std::ranges::any_of(list, [&](const Detection& other) {
    return other.label == detection.label &&
           relative(distance_between(detection, other), allowed) <= 1;
  });
}

double worse(double a, double b) {
  return std::isnan(a) || a > b ? a : b;
}

void note_worst(Difference& worst, const Difference& difference) {
  worst.box = worse(worst.box, difference.box);
  worst.score = worse(worst.score, difference.score);
  worst.mask = worse(worst.mask, difference.mask);
  worst.keypoint = worse(worst.keypoint, difference.keypoint);
  worst.keypoint_score = worse(worst.keypoint_score, difference.keypoint_score);
}

std::string difference_text(const Difference& difference, const Tolerance& allowed) {
  std::string text = fmt::format("{:.3g} px and {:.3g} in score", difference.box, difference.score);
  if (!(difference.mask <= allowed.mask))
    text += fmt::format(", {:.3g} in the mask", difference.mask);
  if (!(difference.keypoint <= allowed.keypoint)) {
    text += fmt::format(", {:.3g} px in a keypoint", difference.keypoint);
  }
  if (!(difference.keypoint_score <= allowed.keypoint_score)) {
    text += fmt::format(", {:.3g} in the score of a keypoint", difference.keypoint_score);
  }
  return text;
}

}  // namespace tv2onnx
