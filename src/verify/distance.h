#pragma once
// How far two detections, or two keypoints, are apart.

#include <string>

#include "tv2onnx/verify.h"

namespace tv2onnx {

/// Of boxes and scores. What is not a number stays so.
struct Distance {
  double box = 0;  ///< pixels, worst coordinate
  double score = 0;
  double iou = 0;
};
Distance distance_between(const Detection& a, const Detection& b);

struct KeypointDistance {
  double place = 0;  ///< pixels, worst coordinate
  double score = 0;
};
KeypointDistance distance_between(const Keypoint& a, const Keypoint& b);

/// `difference` in units of what is allowed; at most 1 is equal. NaN stays NaN.
double relative(double difference, double allowed);

/// The larger of box and score difference in units of what is allowed; NaN if one of them is.
double relative(const Distance& distance, const Tolerance& allowed);

/// Whether `list` has `detection` within `allowed`, masks and keypoints aside.
bool has(const Detections& list, const Detection& detection, const Tolerance& allowed);

/// The worse of two differences; NaN is the worst.
double worse(double a, double b);
/// Makes every member of `worst` the worse one.
void note_worst(Difference& worst, const Difference& difference);

/// "0.5 px and 0.01 in score"; masks and keypoints are named only if they are too far apart.
std::string difference_text(const Difference& difference, const Tolerance& allowed);

}  // namespace tv2onnx
