#include "doctor/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "doctor/box_head.h"
#include "doctor/rebuild/flow.h"
#include "doctor/rebuild/settings.h"
#include "doctor/same_results.h"
#include "run/outputs.h"
#include "tv2onnx/error.h"
#include "verify/undecided.h"

namespace tv2onnx::doctor {
namespace {

using AgreementKind = Agreement::Kind;

constexpr std::size_t kFew = 20;  // in that many detections one may differ for a good reason

/// The detections of each image; nullopt if it is not known which outputs they are.
std::optional<std::vector<Detections>> detections_of(const FileResults& results,
                                                     const Tensor& images) {
  const auto form = results.meaning.form;
  if (form != DetectionOutputs::Form::kFlat && form != DetectionOutputs::Form::kBatched) {
    return std::nullopt;
  }
  try {
    std::vector<Detections> all;
    append_detections(results.outputs, results.meaning, extent_of(images), results.file, all);
    if (all.size() != static_cast<std::size_t>(images.shape[0])) return std::nullopt;
    return all;
  } catch (const Error& error) {
    if (error.code() != "R007") throw;
    return std::nullopt;
  }
}

/// Rounding moves boxes in proportion to the image, see same_results().
Tolerance tolerance_for(const Tensor& images) {
  const auto side = static_cast<double>(std::max(images.shape[1], images.shape[2]));
  return {.box = kRounding * std::max(side, 1.0),
          .score = kRounding,
          .mask = kRounding,
          .keypoint = kRounding * std::max(side, 1.0),
          .keypoint_score = kRounding};
}

/// The worst of two kinds.
void worsen(Agreement& agreement, AgreementKind kind, const std::string& text) {
  if (kind < agreement.kind) return;
  agreement = {kind, text};
}

Agreement of_image(const Detections& before, const Detections& after, const Tolerance& tolerance,
                   const DetectionRules& rules, bool one_colour) {
  const DetectionComparison result = compare(before, after, tolerance, rules);
  const std::string tie = undecided(result, before, after, one_colour);
  if (!tie.empty()) return {AgreementKind::kUndecided, tie};
  const std::size_t flips = result.flips();
  if (!result.equal() || flips > std::max<std::size_t>(1, before.size() / kFew)) {
    return {AgreementKind::kDifferent,
            result.equal() ? fmt::format("{} flips", flips) : result.reason()};
  }
  if (flips == 0) return {AgreementKind::kSame, "same"};
  return {AgreementKind::kExplained, fmt::format("same but for {} at a threshold or tie", flips)};
}

}  // namespace

DetectionRules rules_of(const View& view) {
  DetectionRules rules;
  if (!well_formed(view)) return rules;
  FoundSettings found;
  const bool two_stage = !find_box_heads(view).empty();
  if (two_stage) {
    find_two_stage_selection(view, {}, found);
  } else {
    find_one_stage_selection(view, found);
  }
  const std::string module = two_stage ? "roi_heads." : "";
  const auto number = [&](const std::string& name) {
    const auto at = std::ranges::find(found, module + name, &FoundSetting::path);
    double value = 0;
    return at != found.end() && at->value.number(value) ? std::optional(value) : std::nullopt;
  };
  rules.score_threshold = number("score_thresh");
  rules.nms_threshold = number("nms_thresh");
  if (const auto most = number("detections_per_img")) {
    rules.max_detections = static_cast<std::size_t>(*most);
  }
  return rules;
}

Agreement agreement(const FileResults& before, const FileResults& after, const Tensor& images,
                    const DetectionRules& rules) {
  if (same_results(before.outputs, after.outputs)) return {AgreementKind::kSame, "same"};
  const auto was = detections_of(before, images);
  const auto is = detections_of(after, images);
  const bool blank = is_one_colour(images, 0);
  if (blank && same_but_for_ties(before.outputs, after.outputs)) {
    return {AgreementKind::kUndecided, "same scores, which tie"};
  }
  if (!was || !is) return {AgreementKind::kDifferent, "the results are not those of the original"};
  Agreement worst{AgreementKind::kSame, "same"};
  for (std::size_t k = 0; k < was->size(); ++k) {
    const Agreement one =
        of_image((*was)[k], (*is)[k], tolerance_for(images), rules, is_one_colour(images, k));
    worsen(worst, one.kind, one.text);
  }
  return worst;
}

}  // namespace tv2onnx::doctor
