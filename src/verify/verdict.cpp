#include "verify/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "contract/precision.h"

namespace tv2onnx {
namespace {

constexpr const char* kMorePhotos = "photos show more (--image PHOTO where the reference is made)";

/// Says that the file is of another checkpoint, or "".
std::string other_checkpoint(const Detector& detector, const Reference& reference) {
  const std::string own = fingerprint_in(detector);
  if (own.empty() || reference.fingerprint.empty() || own == reference.fingerprint) return "";
  const bool checkpoint = reference.kind == ReferenceKind::kCheckpoint;
  return fmt::format(
      "{} was exported from another checkpoint than {}: the fingerprint in its metadata is {}, not "
      "{}",
      printable(detector.session().file()),
      (checkpoint ? "" : "that of ") + printable(reference.source), printable(own, 40),
      printable(reference.fingerprint, 40));
}

std::string extent(const ImageSize& size) {
  return fmt::format("{}x{}", size[0], size[1]);
}

/// Says that images are resized to another size than the reference's, or "".
std::string other_sizes(const std::vector<ImageResult>& rows) {
  const auto differs = [](const ImageResult& row) { return row.reference_resized.has_value(); };
  const auto first = std::ranges::find_if(rows, differs);
  if (first == rows.end()) return "";
  return fmt::format(
      "{} of {} images are resized to another size than in the reference, first {}: {}, not {}",
      std::ranges::count_if(rows, differs), rows.size(), printable(first->case_name, 40),
      extent(*first->resized), extent(*first->reference_resized));
}

/// Says that there was nothing to compare, or "".
std::string nothing_compared(const VerifyReport& report) {
  if (report.images.empty()) return "the reference has no images";
  if (std::ranges::none_of(report.images, &std::string::empty, &ImageResult::skipped)) {
    const ImageResult& first = report.images.front();
    return fmt::format("nothing could be compared: every case was skipped, {} as {}; {}",
                       printable(first.case_name, 40), first.skipped, kMorePhotos);
  }
  if (!report.standard.empty()) return "";
  if (report.matched == 0 && report.flips > 0) {
    return fmt::format("no detection is in both, and each other one stands at a threshold; {}",
                       kMorePhotos);
  }
  if (report.expected > 0 || report.found > 0) return "";
  return fmt::format("neither found anything in any image, so nothing was compared; {}",
                     kMorePhotos);
}

bool all_explained(const std::vector<Unmatched>& list) {
  return std::ranges::none_of(list, [](const Unmatched& one) { return one.flip == Flip::kNone; });
}

/// Whether everything that differs is as near as what float32 rounds in untrained networks.
bool looks_like_rounding(const VerifyReport& report) {
  constexpr double kBox = 0.5;  // pixels
  constexpr double kScore = 0.005;
  std::size_t count = 0;
  for (const ImageResult& row : report.images) {
    const DetectionComparison& found = row.comparison;
    if (!row.failure.empty() || !all_explained(found.missing) || !all_explained(found.extra))
      return false;
    count += found.different.size();
    const bool near = std::ranges::all_of(found.different, [](const DifferentPair& pair) {
      return pair.difference.box <= kBox && pair.difference.score <= kScore;
    });
    if (!near) return false;
  }
  return count > 0;
}

bool has_float64(const Reference& reference) {
  return std::ranges::any_of(reference.cases, [](const ReferenceCase& one) {
    return std::ranges::any_of(one.images,
                               [](const NamedTensors& image) { return image.contains("boxes64"); });
  });
}

/// How to tell rounding from a fault where both are possible.
void note_rounding(VerifyReport& report, const Reference& reference) {
  if (reference.kind == ReferenceKind::kOnnx || has_float64(reference)) return;
  if (!looks_like_rounding(report)) return;
  report.notes.push_back(fmt::format(
      "all differences are small: {} shows whether PyTorch's own rounding explains them",
      reference.kind == ReferenceKind::kCheckpoint ? "--with-float64"
                                                   : "a reference recorded with --with-float64"));
}

}  // namespace

std::string fingerprint_in(const Detector& detector) {
  return detector.contract().metadata.checkpoint;
}

void decide(VerifyReport& report, const Detector& detector, const Reference& reference) {
  if (reference.settings_from_file) {
    report.caveat =
        "settings were taken from the file: a forgotten --min-size does not show; "
        "record_reference.py checks it";
  }
  const std::string other = other_checkpoint(detector, reference);
  if (!other.empty()) report.notes.insert(report.notes.begin(), other);
  if (!report.reason.empty()) {
    report.verdict = Verdict::kNotEqual;
    note_rounding(report, reference);
    return;
  }
  for (std::string& reason :
       std::array{other, other_sizes(report.images), nothing_compared(report)}) {
    if (report.reason.empty()) report.reason = std::move(reason);
  }
  report.verdict = report.reason.empty() ? Verdict::kEqual : Verdict::kNotDecided;
}

void judge_by_kept(VerifyReport& report, const Detector& detector, const Kept& kept) {
  const std::string precision = precision_in(detector.session().metadata());
  const bool ran = std::ranges::all_of(report.images, &std::string::empty, &ImageResult::failure);
  if (precision.empty() || kept.confident == 0 || !ran) return;
  report.standard = fmt::format(
      "{} numbers, judged by what is kept: {} of {} detections with a score of at least 0.5 (same "
      "label, {} 0.9), {} new; {:.0f} % needed",
      printable(precision, 40), kept.again, kept.confident,
      report.masks + report.keypoints > 0 ? "box, mask and keypoints alike by" : "IoU", kept.added,
      100 * kFewestKept);
  report.reason = fault_of(kept, kFewestKept);
  const std::string sizes = other_sizes(report.images);
  if (!report.reason.empty() && !sizes.empty()) report.reason += "; but " + sizes;
}

}  // namespace tv2onnx
