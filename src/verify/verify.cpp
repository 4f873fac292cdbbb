#include "tv2onnx/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "tv2onnx/error.h"
#include "verify/applicable.h"
#include "verify/model_settings.h"

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

ImageSize size_of(const Tensor& images) {
  const Shape& shape = images.shape;
  if (images.dtype == DType::kUInt8) return {shape[1], shape[2]};
  return {shape[2], shape[3]};
}

/// One row for every image of a case, without results.
std::vector<ImageResult> rows_of(const ReferenceCase& one, const ModelSettings& settings) {
  std::vector<ImageResult> rows(static_cast<std::size_t>(one.input.shape[0]));
  for (std::size_t k = 0; k < rows.size(); ++k) {
    rows[k].case_name = one.name;
    rows[k].image = k;
    rows[k].batch = rows.size();
    rows[k].size = size_of(one.input);
    rows[k].resized = settings.resized(rows[k].size);
    rows[k].reference_resized = settings.reference_resized(rows[k].size);
  }
  return rows;
}

void set_all(std::vector<ImageResult>& rows, std::string ImageResult::*member,
             const std::string& text) {
  for (ImageResult& row : rows) row.*member = text;
}

std::vector<ImageResult> run_case(const Detector& detector, const ReferenceCase& one,
                                  const ModelSettings& settings, const Tolerance& tolerance) {
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
      const ReferenceImage& expected = one.images[k];
      rows[k].comparison = compare(expected.detections, found[k], tolerance, settings.rules(),
                                   expected.precise ? &*expected.precise : nullptr);
    }
  } catch (const Error& error) {
    if (!concerns_one_run(error)) throw;
    set_all(rows, &ImageResult::failure, one_line(error));
  }
  return rows;
}

std::string place(const ImageResult& row) {
  const std::string image =
      row.batch == 1 ? "" : fmt::format(" image {} of {}", row.image + 1, row.batch);
  return fmt::format("{}{} ({}x{})", printable(row.case_name), image, row.size[0], row.size[1]);
}

/// The likely cause, where torchvision's releases resize to different sizes.
std::string other_size(const ImageResult& row) {
  if (!row.reference_resized) return "";
  const auto& [own, other] = std::pair(*row.resized, *row.reference_resized);
  return fmt::format(", resized to {}x{} and in the reference's torchvision to {}x{}", own[0],
                     own[1], other[0], other[1]);
}

void sum_up(VerifyReport& report) {
  for (const ImageResult& row : report.images) {
    const DetectionComparison& result = row.comparison;
    report.expected += result.expected;
    report.found += result.found;
    report.matched += result.matched;
    report.flips += result.flips();
    // Written so that NaN, the worst of all, is kept.
    if (!(result.worst_box <= report.worst_box)) report.worst_box = result.worst_box;
    if (!(result.worst_score <= report.worst_score)) report.worst_score = result.worst_score;
  }
}

/// The first thing that is wrong, or "".
std::string reason_of(const VerifyReport& report, double max_flips) {
  for (const ImageResult& row : report.images) {
    if (!row.skipped.empty() || row.equal()) continue;
    return place(row) + other_size(row) + ": " +
           (row.failure.empty() ? row.comparison.reason() : row.failure);
  }
  const auto all = static_cast<double>(std::max(report.expected, report.found));
  const auto flips = static_cast<double>(report.flips);
  if (flips > max_flips * all) {
    return fmt::format(
        "{} of {} detections differ at a threshold ({:.2g} %), more than {:.2g} % in all",
        report.flips, all, 100 * flips / all, 100 * max_flips);
  }
  const bool compared =
      std::ranges::any_of(report.images, &std::string::empty, &ImageResult::skipped);
  return compared ? "" : "nothing could be compared: every case was skipped";
}

}  // namespace

VerifyReport verify(const Detector& detector, const Reference& reference,
                    const VerifyOptions& options) {
  const ModelSettings settings(detector, reference);
  VerifyReport report;
  for (std::size_t k = 0; k < reference.cases.size(); ++k) {
    const ReferenceCase& one = reference.cases[k];
    if (options.progress) options.progress(one.name, k, reference.cases.size());
    std::ranges::move(run_case(detector, one, settings, options.tolerance),
                      std::back_inserter(report.images));
  }
  sum_up(report);
  const auto other_sizes = std::ranges::count_if(
      report.images, [](const ImageResult& row) { return row.reference_resized.has_value(); });
  report.notes = settings.notes(static_cast<std::size_t>(other_sizes), report.images.size());
  report.reason = reason_of(report, options.max_flips);
  if (report.expected == 0 && report.found == 0) {
    report.notes.emplace_back("no image had a detection, so this says little; give --image PHOTO");
  }
  return report;
}

Reference reference_from(const Detector& detector, const std::vector<InputCase>& cases) {
  Reference reference;
  reference.source = detector.session().file();
  for (const auto& [name, input] : cases) {
    ReferenceCase& one = reference.cases.emplace_back();
    one.name = name;
    one.input = input;
    one.skipped = not_applicable(detector, input);
    if (!one.skipped.empty()) continue;
    try {
      for (Detections& found : detector.run(input)) one.images.push_back({std::move(found), {}});
    } catch (const Error& error) {
      if (!concerns_one_run(error)) throw;
      one.failure = fmt::format("{} fails: {}", reference.source, one_line(error));
    }
  }
  return reference;
}

}  // namespace tv2onnx
