#include "verify/summarize.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"
#include "verify/distance.h"

namespace tv2onnx {
namespace {

std::string place(const ImageResult& row) {
  const std::string image =
      row.batch == 1 ? "" : fmt::format(" image {} of {}", row.image + 1, row.batch);
  return fmt::format("{}{} ({}x{})", printable(row.case_name), image, row.size[0], row.size[1]);
}

/// The likely cause, where the reference resizes to another size.
std::string other_size(const ImageResult& row) {
  if (!row.reference_resized) return "";
  const auto& [own, other] = std::pair(*row.resized, *row.reference_resized);
  return fmt::format(", resized to {}x{} and in the reference to {}x{}", own[0], own[1], other[0],
                     other[1]);
}

void add(VerifyReport& report, const DetectionComparison& result) {
  report.expected += result.expected;
  report.found += result.found;
  report.matched += result.matched;
  report.flips += result.flips();
  report.masks += result.masks;
  report.keypoints += result.keypoints;
  report.keypoint_flips += result.keypoint_flips();
  note_worst(report.worst, result.worst);
}

/// What differs at thresholds is one detection, or one in the place of another: each is explained,
/// and it is a large share only where there are few.
bool single_flip(const VerifyReport& report) {
  std::size_t missing = 0;
  std::size_t extra = 0;
  std::size_t masks = 0;
  for (const ImageResult& row : report.images) {
    missing += row.comparison.missing.size();
    extra += row.comparison.extra.size();
    masks += row.comparison.part_flips.size() - row.comparison.keypoint_flips();
  }
  return std::max(missing, extra) + masks <= 1;
}

/// "3 of 500 keypoints ..." if these are too many, else "".
std::string too_many(std::size_t flips, std::size_t all, std::string_view what, double limit) {
  if (static_cast<double>(flips) <= limit * static_cast<double>(all)) return "";
  return fmt::format(
      "{} of {} {} ({:.2g} %), more than {:.2g} % in all; a reference of more photos (--image "
      "PHOTO "
      "where it is made) shows whether that is chance, --max-flips allows it",
      flips, all, what, 100 * static_cast<double>(flips) / static_cast<double>(all), 100 * limit);
}

/// The first thing that is wrong, or "".
std::string reason_of(const VerifyReport& report, double max_flips) {
  for (const ImageResult& row : report.images) {
    if (!row.skipped.empty() || row.equal()) continue;
    return place(row) + other_size(row) + ": " +
           (row.failure.empty() ? row.comparison.reason() : row.failure);
  }
  std::string flips;
  if (max_flips <= 0 || !single_flip(report)) {
    flips = too_many(report.flips, std::max(report.expected, report.found),
                     "detections differ at a threshold", max_flips);
  }
  if (flips.empty()) {
    flips = too_many(report.keypoint_flips, report.keypoints, "keypoints are elsewhere", max_flips);
  }
  return flips;
}

/// Whether any detection of the reference has the part.
bool reference_has(const Reference& reference, std::string_view part) {
  const auto has = [&](const NamedTensors& tensors) {
    const auto entry = tensors.find(part);
    return entry != tensors.end() && entry->second.size() > 0;
  };
  return std::ranges::any_of(reference.cases, [&](const ReferenceCase& one) {
    return std::ranges::any_of(one.images, has);
  });
}

void note_part(std::string_view part, bool in_file, bool in_reference, VerifyReport& report) {
  if (in_reference && !in_file && report.reason.empty()) {
    report.reason = fmt::format("the reference has {}, and the file gives none", part);
  }
  if (in_file && !in_reference && report.expected > 0) {
    report.notes.push_back(
        fmt::format("the reference has no {}, so those of the file were not compared", part));
  }
}

}  // namespace

void summarize(VerifyReport& report) {
  for (const ImageResult& row : report.images) add(report, row.comparison);
  report.reason = reason_of(report, report.options.max_flips);
}

void note_parts(const Detector& detector, const Reference& reference, VerifyReport& report) {
  const DetectionOutputs& outputs = detector.contract().outputs;
  note_part("masks", outputs.masks.has_value(),
            reference_has(reference, "masks") || reference_has(reference, "pasted_masks"), report);
  note_part("keypoints", outputs.keypoints.has_value(), reference_has(reference, "keypoints"),
            report);
}

}  // namespace tv2onnx
