#include "cli/verify_report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"

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
  return row.comparison.worst_box > tolerance.box || row.comparison.worst_score > tolerance.score;
}

std::string verdict_text(const ImageResult& row, const Tolerance& tolerance) {
  if (!row.skipped.empty()) return "skipped: " + row.skipped;
  if (!row.failure.empty()) return "FAILS";
  if (!row.comparison.equal()) return "DIFFERS";
  std::string text = "equal";
  if (needed_more(row, tolerance)) {
    text += fmt::format(" (PyTorch's own rounding allows {:.2g} px, {:.2g})",
                        row.comparison.allowed.box, row.comparison.allowed.score);
  }
  const std::size_t flips = row.comparison.flips();
  if (flips > 0) text += fmt::format(" but {} at a threshold", flips);
  return text;
}

/// A difference of which only the size matters; "-" where there was no pair.
std::string difference_text(const DetectionComparison& result, double difference) {
  if (result.matched + result.different.size() == 0) return "-";
  return fmt::format("{:.2g}", difference);
}

std::vector<std::string> table_row(const ImageResult& row, const Tolerance& tolerance) {
  std::vector<std::string> cells{printable(row.case_name, 40),
                                 fmt::format("{}/{}", row.image + 1, row.batch),
                                 extent_text(row.size), resized_text(row)};
  const DetectionComparison& result = row.comparison;
  if (row.skipped.empty() && row.failure.empty()) {
    cells.insert(cells.end(),
                 {std::to_string(result.expected), std::to_string(result.found),
                  std::to_string(result.matched), difference_text(result, result.worst_box),
                  difference_text(result, result.worst_score)});
  } else {
    cells.insert(cells.end(), 5, "-");
  }
  cells.push_back(verdict_text(row, tolerance));
  return cells;
}

std::string table_of(const VerifyReport& report, const Tolerance& tolerance) {
  std::vector<std::vector<std::string>> rows{{"case", "image", "size", "resized", "expected",
                                              "found", "matched", "box px", "score", "verdict"}};
  for (const ImageResult& row : report.images) rows.push_back(table_row(row, tolerance));
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
  if (!row.failure.empty()) lines.push_back(fmt::format("{}: {}", place, row.failure));
  for (const DifferentPair& pair : row.comparison.different) {
    lines.push_back(fmt::format("{}: differs   {}, expected {}", place, box_text(pair.found),
                                box_text(pair.expected)));
  }
  for (const Unmatched& one : row.comparison.missing) {
    lines.push_back(
        fmt::format("{}: missing   {} ({})", place, box_text(one.detection), flip_text(one.flip)));
  }
  for (const Unmatched& one : row.comparison.extra) {
    lines.push_back(
        fmt::format("{}: too many  {} ({})", place, box_text(one.detection), flip_text(one.flip)));
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

std::string verdict_line(const VerifyReport& report, const VerifyOptions& options) {
  std::size_t skipped = 0;
  std::size_t wrong = 0;
  bool widened = false;
  for (const ImageResult& row : report.images) {
    skipped += row.skipped.empty() ? 0 : 1;
    widened = widened || needed_more(row, options.tolerance);
    wrong += row.skipped.empty() && !row.equal() ? 1 : 0;
  }
  if (!report.equal()) {
    const std::string share =
        wrong == 0 ? "" : fmt::format(", {} of {} images", wrong, report.images.size() - skipped);
    return fmt::format("NOT EQUAL{}: {}\n", share, report.reason);
  }
  std::string text = fmt::format(
      "equal: {} images, {} of {} detections matched, worst box {:.2g} px, worst score {:.2g} "
      "(allowed {:g} and {:g}{})",
      report.images.size() - skipped, report.matched, report.expected, report.worst_box,
      report.worst_score, options.tolerance.box, options.tolerance.score,
      widened ? ", more where PyTorch's own rounding is larger" : "");
  if (report.flips > 0) text += fmt::format(", {} flips at a threshold", report.flips);
  if (skipped > 0) text += fmt::format(", {} images skipped", skipped);
  return text + "\n";
}

using Json = nlohmann::ordered_json;

Json json_of(const Detection& one) {
  return {{"label", one.label}, {"score", one.score}, {"box", one.box}};
}

Json json_of(const std::vector<Unmatched>& list) {
  Json all = Json::array();
  for (const Unmatched& one : list) {
    Json entry = json_of(one.detection);
    entry["explained"] = one.flip != Flip::kNone;
    entry["why"] = flip_text(one.flip);
    all.push_back(std::move(entry));
  }
  return all;
}

Json json_of(const std::vector<DifferentPair>& list) {
  Json all = Json::array();
  for (const DifferentPair& pair : list) {
    all.push_back({{"expected", json_of(pair.expected)},
                   {"found", json_of(pair.found)},
                   {"box_px", pair.box},
                   {"score", pair.score}});
  }
  return all;
}

Json json_of(const ImageResult& row) {
  const DetectionComparison& result = row.comparison;
  Json entry{{"case", row.case_name},
             {"image", row.image},
             {"batch", row.batch},
             {"size", row.size},
             {"resized", row.resized ? Json(*row.resized) : Json()}};
  if (row.reference_resized) entry["reference_resized"] = *row.reference_resized;
  if (!row.skipped.empty()) entry["skipped"] = row.skipped;
  if (!row.failure.empty()) entry["failure"] = row.failure;
  if (!row.skipped.empty() || !row.failure.empty()) return entry;
  entry["equal"] = row.equal();
  entry["expected"] = result.expected;
  entry["found"] = result.found;
  entry["matched"] = result.matched;
  entry["flips"] = result.flips();
  entry["worst_box_px"] = result.worst_box;
  entry["worst_score"] = result.worst_score;
  entry["allowed_box_px"] = result.allowed.box;
  entry["allowed_score"] = result.allowed.score;
  entry["different"] = json_of(result.different);
  entry["missing"] = json_of(result.missing);
  entry["extra"] = json_of(result.extra);
  return entry;
}

}  // namespace

std::string verify_text(const VerifyTitle& title, const VerifyReport& report,
                        const VerifyOptions& options) {
  std::string text = fmt::format("{} against {} ({})\n", title.model, title.reference, title.kind);
  for (const std::string& note : report.notes) text += "NOTE: " + printable(note, 500) + "\n";
  text += "\n" + table_of(report, options.tolerance) + details_of(report) + "\n";
  return text + verdict_line(report, options);
}

std::string verify_json(const VerifyTitle& title, const VerifyReport& report,
                        const VerifyOptions& options) {
  Json answer{{"model", title.model},
              {"reference", title.reference},
              {"reference_kind", title.kind},
              {"equal", report.equal()},
              {"reason", report.reason},
              {"notes", report.notes},
              {"expected", report.expected},
              {"found", report.found},
              {"matched", report.matched},
              {"flips", report.flips},
              {"worst_box_px", report.worst_box},
              {"worst_score", report.worst_score},
              {"max_box_diff", options.tolerance.box},
              {"max_score_diff", options.tolerance.score},
              {"max_flips_percent", 100 * options.max_flips},
              {"images", Json::array()}};
  for (const ImageResult& row : report.images) answer["images"].push_back(json_of(row));
  return answer.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tv2onnx::cli
