#include "tv2onnx/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "run/kept.h"
#include "tv2onnx/error.h"
#include "verify/applicable.h"
#include "verify/model_settings.h"
#include "verify/recorded.h"
#include "verify/summarize.h"
#include "verify/undecided.h"
#include "verify/verdict.h"

namespace tv2onnx {
namespace {

/// Errors of a run on one input, as against those that would meet every input.
bool concerns_one_run(const Error& error) {
  return error.code() == "R003" || error.code() == "R006" || error.code() == "R007";
}

/// The message of an error in one line.
std::string one_line(const Error& error) {
  const ErrorParts& parts = error.parts();
  std::string text = parts.found;
  if (!parts.expected.empty()) text += "; expected " + parts.expected;
  for (const std::string& detail : parts.details) text += "; " + detail;
  return printable(text, 500);
}

/// One row for every image of a case, without results.
std::vector<ImageResult> rows_of(const ReferenceCase& one, const ModelSettings& settings) {
  std::vector<ImageResult> rows(static_cast<std::size_t>(one.input.shape[0]));
  for (std::size_t k = 0; k < rows.size(); ++k) {
    rows[k].case_name = one.name;
    rows[k].image = k;
    rows[k].batch = rows.size();
    rows[k].size = size_of_images(one.input);
    rows[k].resized = settings.resized(rows[k].size);
    rows[k].reference_resized = settings.reference_resized(rows[k].size);
  }
  return rows;
}

/// The settings' rules for this image.
DetectionRules rules_for(const ImageResult& row, const ModelSettings& settings) {
  DetectionRules rules = settings.rules();
  if (row.resized) {
    const auto scale = [&](std::size_t axis) {
      return static_cast<double>((*row.resized)[axis]) / static_cast<double>(row.size[axis]);
    };
    rules.scale = {scale(0), scale(1)};
  }
  return rules;
}

void set_all(std::vector<ImageResult>& rows, std::string ImageResult::*member,
             const std::string& text) {
  for (ImageResult& row : rows) row.*member = text;
}

std::vector<ImageResult> run_case(const Detector& detector, const ReferenceCase& one,
                                  const ModelSettings& settings, const Tolerance& tolerance,
                                  Kept& kept) {
  std::vector<ImageResult> rows = rows_of(one, settings);
  const std::string skipped =
      one.skipped.empty() ? not_applicable(detector, one.input) : one.skipped;
  if (!skipped.empty() || !one.failure.empty()) {
    set_all(rows, &ImageResult::skipped, skipped);
    set_all(rows, &ImageResult::failure, one.failure);
    return rows;
  }
  try {
    const std::vector<Detections> found = detector.run(one.input);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const RecordedDetections expected = detections_of(one.images[k]);
      rows[k].comparison = compare(expected.detections, found[k], tolerance,
                                   rules_for(rows[k], settings), expected.evidence());
      count_kept(expected.detections, found[k], kept);
      rows[k].skipped = undecided(rows[k].comparison, expected.detections, found[k],
                                  is_one_colour(one.input, k), expected.evidence().precise);
      if (rows[k].skipped.empty() && !rows[k].comparison.equal()) {
        rows[k].skipped = settings.padded_otherwise(rows[k]);
      }
      if (!rows[k].skipped.empty()) rows[k].comparison = {};
    }
  } catch (const Error& error) {
    if (!concerns_one_run(error)) throw;
    set_all(rows, &ImageResult::failure, one_line(error));
  }
  return rows;
}

/// Results of every image, where there are results.
void require_complete(const ReferenceCase& one, const std::string& source) {
  require_input(one, source);
  const bool none = !one.skipped.empty() || !one.failure.empty();
  if (none || std::cmp_equal(one.images.size(), one.input.shape[0])) return;
  throw Error({.code = "V002",
               .found = fmt::format("results of {} images, and {} images", one.images.size(),
                                    one.input.shape[0]),
               .where = {.file = source, .item = printable(one.name)},
               .expected = "results of every image"});
}

void require_detections(const Reference& reference) {
  if (reference.task == Task::kDetection) return;
  throw Error({.code = "V002",
               .found = fmt::format("results of the task {}", task_name(reference.task)),
               .where = {.file = reference.source},
               .expected = "detections: the file is a detector"});
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  constexpr std::array<std::string_view, 3> kNames{"equal", "not equal", "not decided"};
  return kNames[static_cast<std::size_t>(verdict)];
}

VerifyReport verify(const Detector& detector, const Reference& reference,
                    const VerifyOptions& options) {
  require_detections(reference);
  for (const ReferenceCase& one : reference.cases) require_complete(one, reference.source);
  const ModelSettings settings(detector, reference);
  VerifyReport report;
  report.model = detector.session().file();
  report.reference = reference.source;
  report.origin = origin_text(reference);
  report.options = options;
  Kept kept;
  for (std::size_t k = 0; k < reference.cases.size(); ++k) {
    const ReferenceCase& one = reference.cases[k];
    begin_step(options.control, {one.name, k, reference.cases.size()});
    std::ranges::move(run_case(detector, one, settings, options.tolerance, kept),
                      std::back_inserter(report.images));
  }
  const auto other_sizes = std::ranges::count_if(
      report.images, [](const ImageResult& row) { return row.reference_resized.has_value(); });
  report.notes = settings.notes(static_cast<std::size_t>(other_sizes), report.images.size());
  summarize(report);
  judge_by_kept(report, detector, kept);
  note_parts(detector, reference, report);
  decide(report, detector, reference);
  return report;
}

Reference reference_from(const Detector& detector, const std::vector<InputCase>& cases,
                         const CallControl& control) {
  Reference reference;
  reference.source = detector.session().file();
  reference.kind = ReferenceKind::kOnnx;
  reference.fingerprint = fingerprint_in(detector);
  for (std::size_t k = 0; k < cases.size(); ++k) {
    begin_step(control, {cases[k].name, k, cases.size()});
    ReferenceCase& one = reference.cases.emplace_back();
    one.name = cases[k].name;
    one.input = cases[k].input;
    one.skipped = not_applicable(detector, one.input);
    if (!one.skipped.empty()) continue;
    try {
      for (const Detections& found : detector.run(one.input)) {
        one.images.push_back(tensors_of(found));
      }
    } catch (const Error& error) {
      if (!concerns_one_run(error)) throw;
      one.failure = fmt::format("{} fails: {}", reference.source, one_line(error));
    }
  }
  return reference;
}

}  // namespace tv2onnx
