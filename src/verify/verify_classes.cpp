#include "tv2onnx/verify_classes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <utility>

#include "base/stable_sort.h"
#include "verify/answer_reports.h"
#include "verify/distance.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kTop = 5;

/// \throws Error V002.
std::vector<float> logits_of(const ReferenceCase& one, const Reference& reference) {
  return to_float(recorded_tensor(one, "logits", DType::kFloat32, 1, reference));
}

/// log(softmax): what logits and probabilities have in common.
std::vector<double> log_probabilities(const std::vector<float>& logits) {
  const double largest = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  std::vector<double> result;
  for (const float logit : logits) result.push_back(logit - largest - std::log(sum));
  return result;
}

/// The largest difference of a class that both have, as it is.
double largest_difference(const Classification& found, const std::vector<float>& expected) {
  double most = 0;
  if (!found.logits.empty()) {
    for (std::size_t k = 0; k < expected.size(); ++k) {
      most = worse(most, std::abs(static_cast<double>(found.logits[k]) - expected[k]));
    }
    return most;
  }
  constexpr float kSmallest = 1e-30F;  // below it float32 has no digits
  const std::vector<double> wanted = log_probabilities(expected);
  for (const auto& [label, score] : found.best) {
    const double other = wanted[static_cast<std::size_t>(label)];
    if (!(score <= kSmallest)) most = worse(most, std::abs(std::log(double{score}) - other));
  }
  return most;
}

std::vector<std::size_t> best_of(const std::vector<float>& logits) {
  std::vector<std::size_t> order = stable_order(
      logits.size(), [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
  order.resize(std::min(order.size(), kTop));
  return order;
}

void compare_classes(const Classification& found, const std::vector<float>& expected,
                     const ClassTolerance& allowed, ClassesResult& result) {
  const bool fits =
      (found.logits.empty() || found.logits.size() == expected.size()) &&
      std::ranges::all_of(found.best, [&](const ScoredClass& one) {
        return one.label >= 0 && one.label < static_cast<std::int64_t>(expected.size());
      });
  if (!fits || found.best.empty()) {
    result.reason = fmt::format("other classes than the {} of the reference", expected.size());
    return;
  }
  const double deviation = deviation_of(expected);
  const double difference = largest_difference(found, expected);
  result.logits = deviation > 0 ? difference / deviation : difference;
  const std::vector<std::size_t> best = best_of(expected);
  const auto first = static_cast<std::size_t>(found.best.front().label);
  result.same_top1 = first == best.front();
  std::set<std::size_t> five;
  for (std::size_t k = 0; k < std::min(best.size(), found.best.size()); ++k) {
    five.insert(static_cast<std::size_t>(found.best[k].label));
  }
  result.same_top5 = std::ranges::all_of(
      five, [&](std::size_t label) { return std::ranges::find(best, label) != best.end(); });
  const double room = 2 * allowed.logits * deviation;
  if (!(result.logits <= allowed.logits)) {
    result.reason = fmt::format("a logit differs by {:.2g} standard deviations", result.logits);
  } else if (!result.same_top1 && expected[best.front()] - expected[first] > room) {
    result.reason = fmt::format("class {} instead of {}", first, best.front());
  }
}

using Run = std::function<Classification(const Tensor& input)>;

template <typename Model>
VerifyClassesReport compared(const Model& classifier, const Reference& reference,
                             const VerifyClassesOptions& options, std::string note,
                             const Run& run) {
  VerifyClassesReport report;
  report.note = std::move(note);
  begin_report(classifier.session(), classifier.contract(), reference, report);
  report.tolerance = options.tolerance;
  const PreparedPixels pixels(classifier.session(), classifier.contract());
  compare_cases(reference, options.control, report,
                [&](const ReferenceCase& one, ClassesResult& result) {
                  const std::vector<float> expected = logits_of(one, reference);
                  compare_classes(run(one.input), expected, options.tolerance, result);
                  compare_pixels(one, pixels, *classifier.contract().photo, result);
                });
  return report;
}

}  // namespace

VerifyClassesReport verify(const Classifier& classifier, const Reference& reference,
                           const VerifyClassesOptions& options) {
  return compared(classifier, reference, options, classifier.assumption(),
                  [&](const Tensor& photo) { return classifier.run(photo)[0]; });
}

VerifyClassesReport verify(const VideoClassifier& classifier, const Reference& reference,
                           const VerifyClassesOptions& options) {
  return compared(classifier, reference, options, "",
                  [&](const Tensor& frames) { return classifier.run(frames); });
}

}  // namespace tv2onnx
