// Detections compared as sets: pairs first, then what explains the rest (flips.cpp).

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "verify/distance.h"
#include "verify/flips.h"
#include "verify/pairing.h"
#include "verify/parts.h"
#include "verify/precision.h"

namespace tv2onnx {
namespace {

constexpr double kSameObject = 0.5;  // IoU from which two boxes show the same object

/// Enters a pair that agrees in box and score: it is equal if masks and keypoints agree, too.
void add_pair(DetectionComparison& result, const Detection& expected, const Detection& found,
              const Distance& distance, const Detection* precise, const DetectionRules& rules) {
  PartComparison parts = compare_parts(expected, found, result.allowed, precise, rules);
  const Difference difference{distance.box, distance.score, parts.mask, parts.keypoint,
                              parts.keypoint_score};
  note_worst(result.worst, difference);
  result.masks += parts.masks ? 1 : 0;
  result.keypoints += parts.keypoints;
  std::ranges::move(parts.flips, std::back_inserter(result.part_flips));
  if (parts.within(result.allowed)) {
    ++result.matched;
  } else {
    result.different.push_back({without_mask(expected), without_mask(found), difference});
  }
}

/// Pairs of the same object that differ: `admit` says how far apart they are, above 1 is no pair.
template <typename Admit>
void take_different(DetectionComparison& result, Pairing& pairing, Admit admit) {
  for (const Pair& pair : pairing.take(admit)) {
    const Difference difference{.box = pair.distance.box, .score = pair.distance.score};
    result.different.push_back({without_mask(pairing.left()[pair.left]),
                                without_mask(pairing.right()[pair.right]), difference});
    note_worst(result.worst, difference);
  }
}

std::string describe(const Detection& detection) {
  const auto& box = detection.box;
  return fmt::format("label {} score {:.5f} box [{:.2f}, {:.2f}, {:.2f}, {:.2f}]", detection.label,
                     detection.score, box[0], box[1], box[2], box[3]);
}

std::string count_of(std::size_t count, std::string_view what) {
  return fmt::format("{} detection{} {}", count, count == 1 ? "" : "s", what);
}

std::size_t explained(const std::vector<Unmatched>& list) {
  return static_cast<std::size_t>(
      std::ranges::count_if(list, [](const Unmatched& one) { return one.flip != Flip::kNone; }));
}

/// "2 detections are missing, first: ..." for those that nothing explains; "" if there are none.
std::string unexplained(const std::vector<Unmatched>& list, std::string_view what) {
  const std::size_t count = list.size() - explained(list);
  if (count == 0) return "";
  const auto first = std::ranges::find(list, Flip::kNone, &Unmatched::flip);
  return fmt::format("{}, first: {}", count_of(count, what), describe(first->detection));
}

}  // namespace

std::size_t DetectionComparison::flips() const {
  return explained(missing) + explained(extra) + part_flips.size() - keypoint_flips();
}

std::size_t DetectionComparison::keypoint_flips() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      part_flips, [](const PartFlip& flip) { return flip.keypoint.has_value(); }));
}

bool DetectionComparison::equal() const {
  return different.empty() && explained(missing) == missing.size() &&
         explained(extra) == extra.size();
}

std::string DetectionComparison::reason() const {
  if (!different.empty()) {
    const DifferentPair& first = different.front();
    return fmt::format("{}, first: {} instead of {}, {}",
                       count_of(different.size(), "further apart than allowed"),
                       describe(first.found), describe(first.expected),
                       difference_text(first.difference, allowed));
  }
  const std::string lacking = unexplained(missing, "missing");
  return lacking.empty() ? unexplained(extra, "unexpected") : lacking;
}

DetectionComparison compare(const Detections& expected, const Detections& found,
                            const Tolerance& tolerance, const DetectionRules& rules,
                            const RoundingEvidence& evidence) {
  DetectionComparison result;
  result.expected = expected.size();
  result.found = found.size();
  const RoundingOfFloat32 precision(expected, evidence.precise, tolerance);
  result.allowed = precision.allowed();
  const Tolerance& allowed = result.allowed;

  Pairing pairing(expected, found);
  for (const Pair& pair :
       pairing.take([&](const Distance& distance) { return relative(distance, allowed); })) {
    add_pair(result, expected[pair.left], found[pair.right], pair.distance,
             precision.partner(pair.left), rules);
  }
  precision.take_imprecise(result, pairing);
  if (evidence.tied != nullptr) take_tied_proposals(result, pairing, *evidence.tied);
  take_ties(result, pairing, rules);
  // What agrees in box or in score is one detection that came out wrong, whatever its score is
  // near to; only after that is it asked what a threshold explains.
  take_different(result, pairing, [&](const Distance& distance) {
    const double nearer =
        std::min(relative(distance.box, allowed.box), relative(distance.score, allowed.score));
    return distance.iou >= kSameObject ? nearer : 2;
  });
  take_flips(result, pairing, rules);
  take_different(result, pairing, [](const Distance& distance) { return 2 * (1 - distance.iou); });
  for (const std::size_t k : pairing.rest_of_left()) {
    result.missing.push_back({without_mask(expected[k])});
  }
  for (const std::size_t k : pairing.rest_of_right()) {
    result.extra.push_back({without_mask(found[k])});
  }
  return result;
}

}  // namespace tv2onnx
