#include "tv2onnx/verify_classes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "base/text.h"
#include "run/prepared_pixels.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr std::size_t kTop = 5;

/// \throws Error V002.
std::vector<float> logits_of(const ReferenceCase& one, const Reference& reference) {
  const auto found = one.images.front().find("logits");
  if (found != one.images.front().end() && found->second.dtype == DType::kFloat32 &&
      found->second.size() > 0) {
    return to_float(found->second);
  }
  throw Error({.code = "V002",
               .found = "no logits of a case",
               .where = {.file = reference.source, .item = printable(one.name)},
               .expected = "float32 [classes]",
               .hint = "record it again with scripts/record_reference.py"});
}

double deviation_of(const std::vector<float>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double sum = 0;
  for (const float value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / count);
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
      most = std::max(most, std::abs(static_cast<double>(found.logits[k]) - expected[k]));
    }
    return most;
  }
  constexpr float kSmallest = 1e-30F;  // below it float32 has no digits
  const std::vector<double> wanted = log_probabilities(expected);
  for (const auto& [label, score] : found.best) {
    const double other = wanted[static_cast<std::size_t>(label)];
    if (score > kSmallest) most = std::max(most, std::abs(std::log(double{score}) - other));
  }
  return most;
}

std::vector<std::size_t> best_of(const std::vector<float>& logits) {
  std::vector<std::size_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t k) { return logits[k]; });
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

void compare_pixels(const Tensor& found, const Tensor& expected, const ClassTolerance& allowed,
                    ClassesResult& result) {
  result.has_pixels = true;
  const Shape shape(found.shape.begin() + 1, found.shape.end());
  if (shape != expected.shape) {
    result.reason = fmt::format("the photo is prepared to {}, in the reference to {}",
                                shape_text(shape), shape_text(expected.shape));
    return;
  }
  const auto a = found.as<std::uint8_t>();
  const auto b = expected.as<std::uint8_t>();
  const auto channels = static_cast<std::size_t>(shape.back());
  std::size_t differ = 0;
  for (std::size_t pixel = 0; pixel < a.size(); pixel += channels) {
    int most = 0;
    for (std::size_t c = 0; c < channels; ++c)
      most = std::max(most, std::abs(a[pixel + c] - b[pixel + c]));
    result.pixel = std::max(result.pixel, static_cast<double>(most));
    differ += most > 0 ? 1 : 0;
  }
  result.pixel_share = static_cast<double>(differ * channels) /
                       static_cast<double>(std::max<std::size_t>(a.size(), 1));
  if (result.pixel > allowed.pixel || result.pixel_share > allowed.pixel_share) {
    result.reason = fmt::format("resized pixels differ by up to {} levels, {:.1f} % of them",
                                result.pixel, 100 * result.pixel_share);
  }
}

ClassesResult compare_case(const Classifier& classifier, const PreparedPixels& pixels,
                           const ReferenceCase& one, const Reference& reference,
                           const ClassTolerance& allowed) {
  ClassesResult result{.case_name = one.name, .size = {}, .failure = one.failure, .reason = {}};
  const bool bytes = one.input.dtype == DType::kUInt8;
  result.size = {one.input.shape[bytes ? 1 : 2], one.input.shape[bytes ? 2 : 3]};
  if (!result.failure.empty()) return result;
  const std::vector<float> expected = logits_of(one, reference);
  try {
    const Classification found = classifier.run(one.input)[0];
    compare_classes(found, expected, allowed, result);
    const auto photo = one.images.front().find("pixels");
    if (photo != one.images.front().end() && photo->second.dtype == DType::kUInt8) {
      const std::string classes = std::exchange(result.reason, "");
      compare_pixels(pixels.of(one.input), photo->second, allowed, result);
      // Other pixels are why the logits differ.
      if (result.reason.empty()) result.reason = classes;
    }
  } catch (const Error& error) {
    if (error.code() != "R003" && error.code() != "R006") throw;
    result.failure = printable(error.parts().found, 500);
  }
  return result;
}

void decide(VerifyClassesReport& report) {
  const auto wrong =
      std::ranges::find_if(report.images, [](const ClassesResult& one) { return !one.equal(); });
  if (wrong != report.images.end()) {
    report.verdict = Verdict::kNotEqual;
    report.reason = fmt::format("{}: {}", printable(wrong->case_name),
                                wrong->failure.empty() ? wrong->reason : wrong->failure);
  } else if (report.images.empty()) {
    report.reason = "the reference has no photos";
  } else {
    report.verdict = Verdict::kEqual;
  }
}

}  // namespace

VerifyClassesReport verify(const Classifier& classifier, const Reference& reference,
                           const VerifyClassesOptions& options) {
  if (reference.task != Task::kClassification) {
    throw Error({.code = "V002",
                 .found = fmt::format("results of the task {}", task_name(reference.task)),
                 .where = {.file = reference.source},
                 .expected = "logits: the file is a classifier"});
  }
  VerifyClassesReport report{.model = classifier.session().file(),
                             .reference = reference.source,
                             .origin = origin_text(reference),
                             .tolerance = options.tolerance,
                             .images = {},
                             .note = classifier.assumption(),
                             .reason = {}};
  const std::string& own = classifier.contract().metadata.checkpoint;
  if (!own.empty() && !reference.fingerprint.empty() && own != reference.fingerprint) {
    report.note = "the file was exported from another checkpoint than the reference";
  }
  const PreparedPixels pixels(classifier);
  for (std::size_t k = 0; k < reference.cases.size(); ++k) {
    const ReferenceCase& one = reference.cases[k];
    begin_step(options.control, {one.name, k, reference.cases.size()});
    report.images.push_back(compare_case(classifier, pixels, one, reference, options.tolerance));
  }
  decide(report);
  return report;
}

}  // namespace tv2onnx
