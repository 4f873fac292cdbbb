// Detections compared as sets: pairs first, then what explains the rest (flips.cpp).

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "verify/flips.h"
#include "verify/pairing.h"

namespace tv2onnx {
namespace {

constexpr double kSameObject = 0.5;  // IoU from which two boxes show the same object

// Above these, float32 and float64 did not round one detection differently but chose another one.
constexpr Tolerance kRounding{.box = 1, .score = 0.01};

/// `difference` in units of what is allowed; at most 1 is equal. NaN stays NaN.
double in_units(double difference, double allowed) {
  if (difference == 0) return 0;
  return difference / allowed;
}

double distance(const Gap& gap, const Tolerance& allowed) {
  const double box = in_units(gap.box, allowed.box);
  const double score = in_units(gap.score, allowed.score);
  return std::isnan(box) || std::isnan(score) ? std::numeric_limits<double>::quiet_NaN()
                                              : std::max(box, score);
}

/// The worse of two differences; NaN is the worst.
double worse(double a, double b) {
  return std::isnan(a) || a > b ? a : b;
}

void note_worst(DetectionComparison& result, const Gap& gap) {
  result.worst_box = worse(result.worst_box, gap.box);
  result.worst_score = worse(result.worst_score, gap.score);
}

/// Three times the rounding of PyTorch itself on this image, at least `tolerance`.
Tolerance widened(Tolerance tolerance, const Detections& single, const Detections& precise) {
  Pairing pairing(single, precise);
  for (const Pair& pair : pairing.take([](const Gap& gap) { return distance(gap, kRounding); })) {
    tolerance.box = std::max(tolerance.box, 3 * pair.gap.box);
    tolerance.score = std::max(tolerance.score, 3 * pair.gap.score);
  }
  return tolerance;
}

/// Whether `list` has `detection` within `allowed`.
bool has(const Detections& list, const Detection& detection, const Tolerance& allowed) {
  return std::ranges::any_of(list, [&](const Detection& other) {
    return other.label == detection.label && distance(gap_of(detection, other), allowed) <= 1;
  });
}

/// Takes out what PyTorch's own float64 decides otherwise than its float32.
void take_imprecise(DetectionComparison& result, Pairing& pairing, const Detections& precise) {
  for (const std::size_t k : pairing.rest_of_left()) {
    const Detection& detection = pairing.left()[k];
    if (has(precise, detection, kRounding)) continue;
    result.missing.push_back({detection, Flip::kPrecision});
    pairing.drop_left(k);
  }
  for (const std::size_t k : pairing.rest_of_right()) {
    const Detection& detection = pairing.right()[k];
    if (!has(precise, detection, result.allowed)) continue;
    result.extra.push_back({detection, Flip::kPrecision});
    pairing.drop_right(k);
  }
}

/// Pairs of the same object that differ: `admit` says how far apart they are, above 1 is no pair.
template <typename Admit>
void take_different(DetectionComparison& result, Pairing& pairing, Admit admit) {
  for (const Pair& pair : pairing.take(admit)) {
    result.different.push_back(
        {pairing.left()[pair.left], pairing.right()[pair.right], pair.gap.box, pair.gap.score});
    note_worst(result, pair.gap);
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
  return explained(missing) + explained(extra);
}

bool DetectionComparison::equal() const {
  return different.empty() && flips() == missing.size() + extra.size();
}

std::string DetectionComparison::reason() const {
  if (!different.empty()) {
    const DifferentPair& first = different.front();
    return fmt::format("{}, first: {} instead of {}, {:.3g} px and {:.3g} in score",
                       count_of(different.size(), "further apart than allowed"),
                       describe(first.found), describe(first.expected), first.box, first.score);
  }
  const std::string lacking = unexplained(missing, "missing");
  return lacking.empty() ? unexplained(extra, "too many") : lacking;
}

DetectionComparison compare(const Detections& expected, const Detections& found,
                            const Tolerance& tolerance, const DetectionRules& rules,
                            const Detections* precise) {
  DetectionComparison result;
  result.expected = expected.size();
  result.found = found.size();
  result.allowed = precise != nullptr ? widened(tolerance, expected, *precise) : tolerance;
  const Tolerance& allowed = result.allowed;

  Pairing pairing(expected, found);
  for (const Pair& pair : pairing.take([&](const Gap& gap) { return distance(gap, allowed); })) {
    ++result.matched;
    note_worst(result, pair.gap);
  }
  if (precise != nullptr) take_imprecise(result, pairing, *precise);
  take_ties(result, pairing, rules);
  // What agrees in box or in score is one detection that came out wrong, whatever its score is
  // near to; only after that is it asked what a threshold explains.
  take_different(result, pairing, [&](const Gap& gap) {
    const double nearer =
        std::min(in_units(gap.box, allowed.box), in_units(gap.score, allowed.score));
    return gap.iou >= kSameObject ? nearer : 2;
  });
  take_flips(result, pairing, rules);
  take_different(result, pairing, [](const Gap& gap) { return 2 * (1 - gap.iou); });
  for (const std::size_t k : pairing.rest_of_left()) result.missing.push_back({expected[k]});
  for (const std::size_t k : pairing.rest_of_right()) result.extra.push_back({found[k]});
  return result;
}

}  // namespace tv2onnx
