#include "cli/verify_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/longest_shown.h"
#include "base/text.h"
#include "verify/distance.h"

namespace tv2onnx::cli {
namespace {

constexpr std::size_t kDetailLines = 10;

std::string extent_text(const ImageSize& size) {
  return fmt::format("{}x{}", size[0], size[1]);
}

std::string resized_text(const ImageResult& row) {
  if (!row.resized) return "-";
  std::string text = extent_text(*row.resized);
  if (row.reference_resized) text += " not " + extent_text(*row.reference_resized);
  return text;
}

/// Whether an image is equal only because PyTorch's own rounding widened the tolerance.
bool needed_more(const ImageResult& row, const Tolerance& tolerance) {
  const Difference& worst = row.comparison.worst;
  return worst.box > tolerance.box || worst.score > tolerance.score ||
         worst.mask > tolerance.mask || worst.keypoint > tolerance.keypoint ||
         worst.keypoint_score > tolerance.keypoint_score;
}

/// "0.02 px, 0.0001", with masks and keypoints if `compared` has some.
std::string allowed_text(const Tolerance& allowed, const DetectionComparison& compared) {
  std::string text = fmt::format("{:.2g} px, {:.2g}", allowed.box, allowed.score);
  if (compared.masks > 0) text += fmt::format(", masks {:.2g}", allowed.mask);
  if (compared.keypoints > 0) {
    text += fmt::format(", keypoints {:.2g} px, {:.2g}", allowed.keypoint, allowed.keypoint_score);
  }
  return text;
}

std::string verdict_text(const ImageResult& row, const Tolerance& tolerance) {
  if (!row.skipped.empty()) return "skipped: " + row.skipped;
  if (!row.failure.empty()) return "FAILS";
  if (!row.comparison.equal()) return "DIFFERS";
  const std::size_t flips = row.comparison.flips();
  if (flips > 0 && row.comparison.matched == 0) {
    return fmt::format("not decided: all {} at a threshold", flips);
  }
  std::string text = "equal";
  if (needed_more(row, tolerance)) {
    text += fmt::format(" (PyTorch's own rounding allows {})",
                        allowed_text(row.comparison.allowed, row.comparison));
  }
  if (flips > 0) text += fmt::format(" but {} at a threshold", flips);
  const std::size_t elsewhere = row.comparison.keypoint_flips();
  if (elsewhere > 0) text += fmt::format(" but {} in a tie", counted(elsewhere, "keypoint"));
  return text;
}

/// A difference of which only the size matters; "-" where nothing was compared.
std::string difference_text(std::size_t compared, double difference) {
  return compared == 0 ? "-" : fmt::format("{:.2g}", difference);
}

/// The columns of masks and of keypoints are there only if the report has some.
std::vector<std::string> part_cells(const DetectionComparison& result, const VerifyReport& report) {
  std::vector<std::string> cells;
  if (report.masks > 0) cells.push_back(difference_text(result.masks, result.worst.mask));
  if (report.keypoints > 0) {
    cells.push_back(difference_text(result.keypoints, result.worst.keypoint));
    cells.push_back(difference_text(result.keypoints, result.worst.keypoint_score));
  }
  return cells;
}

std::vector<std::string> table_row(const ImageResult& row, const VerifyReport& report,
                                   const Tolerance& tolerance) {
  std::vector<std::string> cells{printable(row.case_name, 40),
                                 fmt::format("{}/{}", row.image + 1, row.batch),
                                 extent_text(row.size), resized_text(row)};
  const DetectionComparison& result = row.comparison;
  if (row.skipped.empty() && row.failure.empty()) {
    const std::size_t pairs = result.matched + result.different.size();
    cells.insert(cells.end(),
                 {std::to_string(result.expected), std::to_string(result.found),
                  std::to_string(result.matched), difference_text(pairs, result.worst.box),
                  difference_text(pairs, result.worst.score)});
  } else {
    cells.insert(cells.end(), 5, "-");
  }
  std::ranges::move(part_cells(result, report), std::back_inserter(cells));
  cells.push_back(verdict_text(row, tolerance));
  return cells;
}

std::string table_of(const VerifyReport& report, const Tolerance& tolerance) {
  std::vector<std::string> heading{"case",  "image",   "size",   "resized", "expected",
                                   "found", "matched", "box px", "score"};
  if (report.masks > 0) heading.emplace_back("mask");
  if (report.keypoints > 0) {
    heading.insert(heading.end(), {"keypoint px", "keypoint score"});
  }
  heading.emplace_back("verdict");
  std::vector<std::vector<std::string>> rows{std::move(heading)};
  for (const ImageResult& row : report.images) rows.push_back(table_row(row, report, tolerance));
  return table_text(rows);
}

std::string box_text(const Detection& one) {
  return fmt::format("label {} score {:.5f} box [{:.2f}, {:.2f}, {:.2f}, {:.2f}]", one.label,
                     one.score, one.box[0], one.box[1], one.box[2], one.box[3]);
}

/// One line for everything that is not equal in an image, flips included.
void add_details(const ImageResult& row, std::vector<std::string>& lines) {
  const std::string place =
      fmt::format("{} {}/{}", printable(row.case_name, 40), row.image + 1, row.batch);
  if (!row.failure.empty())
    lines.push_back(fmt::format("{}: {}", place, printable(row.failure, 1000)));
  for (const DifferentPair& pair : row.comparison.different) {
    lines.push_back(fmt::format("{}: differs    {}, expected {}: {}", place, box_text(pair.found),
                                box_text(pair.expected),
                                difference_text(pair.difference, row.comparison.allowed)));
  }
  for (const Unmatched& one : row.comparison.missing) {
    lines.push_back(
        fmt::format("{}: missing    {} ({})", place, box_text(one.detection), flip_text(one.flip)));
  }
  for (const Unmatched& one : row.comparison.extra) {
    lines.push_back(
        fmt::format("{}: unexpected {} ({})", place, box_text(one.detection), flip_text(one.flip)));
  }
  for (const PartFlip& flip : row.comparison.part_flips) {
    const std::string part =
        flip.keypoint ? fmt::format("keypoint {}, {:.3g} px", *flip.keypoint, flip.difference)
                      : fmt::format("mask, {:.3g}", flip.difference);
    lines.push_back(fmt::format("{}: elsewhere  {}, {} ({})", place, part, box_text(flip.found),
                                flip_text(flip.flip)));
  }
}

std::string details_of(const VerifyReport& report) {
  std::vector<std::string> lines;
  for (const ImageResult& row : report.images) add_details(row, lines);
  std::string text;
  for (std::size_t k = 0; k < std::min(lines.size(), kDetailLines); ++k) text += lines[k] + "\n";
  if (lines.size() > kDetailLines) {
    text += fmt::format("... and {} more\n", lines.size() - kDetailLines);
  }
  return text.empty() ? "" : "\n" + text;
}

/// Behind an allowed difference that an image exceeds although it counts as equal.
const char* more_text(bool exceeded) {
  return exceeded ? ", more where PyTorch's own rounding is larger" : "";
}

/// ", 90 masks, worst 1e-05 (allowed 0.001)" and the same of keypoints, if there are any.
std::string parts_text(const VerifyReport& report) {
  const Tolerance& tolerance = report.options.tolerance;
  const Difference& worst = report.worst;
  std::string text;
  if (report.masks > 0) {
    text += fmt::format(", {}, worst {:.2g} (allowed {:g}{})", counted(report.masks, "mask"),
                        worst.mask, tolerance.mask, more_text(worst.mask > tolerance.mask));
  }
  if (report.keypoints > 0) {
    const bool exceeded =
        worst.keypoint > tolerance.keypoint || worst.keypoint_score > tolerance.keypoint_score;
    text += fmt::format(", {}, worst {:.2g} px and score {:.2g} (allowed {:g} and {:g}{})",
                        counted(report.keypoints, "keypoint"), worst.keypoint, worst.keypoint_score,
                        tolerance.keypoint, tolerance.keypoint_score, more_text(exceeded));
  }
  return text;
}

/// What was compared, with the worst differences.
std::string totals_text(const VerifyReport& report, std::size_t compared) {
  const Tolerance& tolerance = report.options.tolerance;
  const bool exceeded = report.worst.box > tolerance.box || report.worst.score > tolerance.score;
  std::string text = fmt::format(
      "{}, {} of {} matched, worst box {:.2g} px, worst score {:.2g} (allowed {:g} and {:g}{})",
      counted(compared, "image"), report.matched, counted(report.expected, "detection"),
      report.worst.box, report.worst.score, tolerance.box, tolerance.score, more_text(exceeded));
  text += parts_text(report);
  if (report.flips > 0) text += fmt::format(", {} at a threshold", counted(report.flips, "flip"));
  if (report.keypoint_flips > 0) {
    text += fmt::format(", {} of {} keypoints in a tie", report.keypoint_flips, report.keypoints);
  }
  return text;
}

std::string verdict_line(const VerifyReport& report) {
  const auto skipped = static_cast<std::size_t>(std::ranges::count_if(
      report.images, [](const ImageResult& row) { return !row.skipped.empty(); }));
  const std::size_t compared = report.images.size() - skipped;
  const auto wrong = std::ranges::count_if(
      report.images, [](const ImageResult& row) { return row.skipped.empty() && !row.equal(); });
  switch (report.verdict) {
    case Verdict::kNotEqual:
      if (!report.standard.empty()) {
        return "NOT GOOD: " + report.reason + "; " + report.standard;
      }
      return fmt::format(
          "NOT EQUAL{}: {}",
          wrong == 0 ? "" : fmt::format(", {} of {}", wrong, counted(compared, "image")),
          report.reason);
    case Verdict::kNotDecided: return "NOT DECIDED: " + report.reason;
    case Verdict::kEqual: break;
  }
  if (!report.standard.empty()) return "good: " + report.standard;
  return "equal: " + totals_text(report, compared) +
         (skipped > 0 ? fmt::format(", {} skipped", counted(skipped, "image")) : "");
}

}  // namespace

std::string verify_text(const VerifyReport& report) {
  std::string text =
      fmt::format("{} against {} ({})\n", printable(report.model, kLongestShown),
                  printable(report.reference, kLongestShown), printable(report.origin));
  for (const std::string& note : report.notes) text += "NOTE: " + printable(note, 500) + "\n";
  text += "\n" + table_of(report, report.options.tolerance) + details_of(report) + "\n";
  text += verdict_line(report) + "\n";
  return report.caveat.empty() ? text : text + report.caveat + "\n";
}

}  // namespace tv2onnx::cli
