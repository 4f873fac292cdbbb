#include "verify/flips.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "verify/parts.h"

namespace tv2onnx {
namespace {

constexpr double kOtherBox = 1;  // pixels; nearer boxes are one detection that came out wrong

/// How much IoU may change when every coordinate moves by `shift`: to first order, twice the
/// relative change of the smaller box in each direction.
double iou_margin(const Detection& a, const Detection& b, double shift) {
  const auto side = [&](std::size_t low) {
    return std::min(double{a.box[low + 2]} - a.box[low], double{b.box[low + 2]} - b.box[low]);
  };
  return std::min(0.05, 2 * shift * (1 / side(0) + 1 / side(1)));
}

/// One list seen from the other: who could have suppressed or displaced a detection.
struct OtherSide {
  const Detections& all;
  const std::vector<Unmatched>& flipped;  ///< of this side, explained already
};

class Explainer {
 public:
  Explainer(const DetectionRules& rules, const Tolerance& allowed)
      : rules_(rules), allowed_(allowed) {}

  Flip explain(const Detection& detection, const OtherSide& other) const {
    if (at_threshold(detection)) return Flip::kScoreThreshold;
    if (beyond_limit(detection, other.all)) return Flip::kLimit;
    if (overlapped(detection, other)) return Flip::kOverlap;
    return Flip::kNone;
  }

 private:
  bool at_threshold(const Detection& detection) const {
    return rules_.score_threshold &&
           std::abs(detection.score - *rules_.score_threshold) <= allowed_.score;
  }

  bool beyond_limit(const Detection& detection, const Detections& other) const {
    if (!rules_.max_detections || other.size() < *rules_.max_detections) return false;
    const auto last = std::ranges::min_element(other, {}, &Detection::score);
    return last != other.end() && detection.score <= last->score + allowed_.score;
  }

  bool overlapped(const Detection& detection, const OtherSide& other) const {
    if (!rules_.nms_threshold) return false;
    const auto overlap = [&](const Detection& one) {
      const bool first =
          one.label == detection.label && one.score >= detection.score - allowed_.score;
      return first ? box_iou(one.box, detection.box) - *rules_.nms_threshold : -1;
    };
    const auto margin = [&](const Detection& one) {
      return iou_margin(one, detection, allowed_.box);
    };
    return std::ranges::any_of(
               other.all,
               [&](const Detection& one) { return std::abs(overlap(one)) <= margin(one); }) ||
           std::ranges::any_of(other.flipped, [&](const Unmatched& one) {
             return one.flip != Flip::kNone && overlap(one.detection) >= -margin(one.detection);
           });
  }

  const DetectionRules& rules_;
  const Tolerance& allowed_;
};

}  // namespace

std::string_view flip_text(Flip flip) {
  constexpr std::array<std::string_view, 10> kTexts{
      "not explained",       "score at the threshold",
      "limit of detections", "overlap at the limit",
      "tie of two boxes",    "PyTorch's float64 decides otherwise",
      "tie among proposals", "box of the mask rounded otherwise",
      "tie of two places",   "heatmap enlarged to another size"};
  return kTexts[static_cast<std::size_t>(flip)];
}

bool take_explained(DetectionComparison& result, Pairing& pairing, const Why& missing,
                    const Why& extra) {
  bool any = false;
  for (const std::size_t k : pairing.rest_of_left()) {
    const Flip flip = missing(pairing.left()[k]);
    if (flip == Flip::kNone) continue;
    result.missing.push_back({without_mask(pairing.left()[k]), flip});
    pairing.drop_left(k);
    any = true;
  }
  for (const std::size_t k : pairing.rest_of_right()) {
    const Flip flip = extra(pairing.right()[k]);
    if (flip == Flip::kNone) continue;
    result.extra.push_back({without_mask(pairing.right()[k]), flip});
    pairing.drop_right(k);
    any = true;
  }
  return any;
}

void take_tied_proposals(DetectionComparison& result, Pairing& pairing, const Detections& tied) {
  const auto why = [&](const Detection& detection) {
    return has(tied, detection, result.allowed) ? Flip::kProposal : Flip::kNone;
  };
  take_explained(result, pairing, why, why);
}

void take_ties(DetectionComparison& result, Pairing& pairing, const DetectionRules& rules) {
  if (!rules.nms_threshold) return;
  Pairing trial = pairing;
  const std::vector<Pair> ties = trial.take([&](const Distance& distance) {
    const bool rivals = distance.iou > *rules.nms_threshold && distance.box > kOtherBox;
    return rivals ? distance.score / (result.allowed.score / 10) : 2;
  });
  if (ties.size() >= result.matched) return;
  for (const Pair& tie : ties) {
    result.missing.push_back({without_mask(pairing.left()[tie.left]), Flip::kTie});
    result.extra.push_back({without_mask(pairing.right()[tie.right]), Flip::kTie});
  }
  pairing = std::move(trial);
}

void take_flips(DetectionComparison& result, Pairing& pairing, const DetectionRules& rules) {
  const Explainer explainer(rules, result.allowed);
  const auto missing = [&](const Detection& detection) {
    return explainer.explain(detection, {pairing.right(), result.extra});
  };
  const auto extra = [&](const Detection& detection) {
    return explainer.explain(detection, {pairing.left(), result.missing});
  };
  // A flip may explain the next one, so until nothing changes.
  while (take_explained(result, pairing, missing, extra)) {
  }
}

}  // namespace tv2onnx
