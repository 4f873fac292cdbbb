#include "cli/verify_answers.h"

#include <fmt/format.h>

#include <vector>

#include "base/longest_shown.h"
#include "base/text.h"

namespace tv2onnx::cli {
namespace {

/// The table, and the verdict below it.
std::string with_verdict(const CasesReport& report, std::vector<std::vector<std::string>> rows) {
  std::string text = table_text(std::move(rows));
  if (!report.note.empty()) text += fmt::format("NOTE: {}\n", printable(report.note, 1000));
  return text + fmt::format("{}: {} against {} ({}){}{}\n", verdict_name(report.verdict),
                            printable(report.model, kLongestShown),
                            printable(report.reference, kLongestShown), report.origin,
                            report.reason.empty() ? "" : ": ", report.reason);
}

/// "0.12 % by 1"
std::string pixels_text(const CaseResult& one) {
  return one.has_pixels ? fmt::format("{:.2f} % by {:.0f}", 100 * one.pixel_share, one.pixel) : "-";
}

std::vector<std::string> first_cells(const CaseResult& one) {
  return {one.case_name, fmt::format("{}x{}", one.size[0], one.size[1])};
}

std::string why(const CaseResult& one) {
  return one.failure.empty() ? one.reason : one.failure;
}

std::vector<std::string> label_cells(const MapResult& one) {
  return {pixels_text(one), one.logits ? fmt::format("{:.1e} std", *one.logits) : "-",
          one.agreed ? fmt::format("{:.3f} %", 100 * *one.agreed) : "-"};
}

std::vector<std::string> flow_cells(const MapResult& one) {
  const auto length = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.1e} px", *value) : std::string("-");
  };
  return {length(one.mean_end_point), length(one.end_point)};
}

}  // namespace

std::string answers_text(const VerifyClassesReport& report) {
  std::vector<std::vector<std::string>> rows{
      {"CASE", "SIZE", "RESIZED PIXELS", "LOGITS", "TOP-1", "TOP-5", ""}};
  for (const ClassesResult& one : report.images) {
    std::vector<std::string>& row = rows.emplace_back(first_cells(one));
    row.insert(row.end(),
               {pixels_text(one), fmt::format("{:.1e} std", one.logits),
                one.same_top1 ? "same" : "other", one.same_top5 ? "same" : "other", why(one)});
  }
  return with_verdict(report, std::move(rows));
}

std::string answers_text(const VerifyMapsReport& report) {
  const bool flow = report.task == Task::kFlow;
  std::vector<std::vector<std::string>> rows;
  rows.push_back(flow ? std::vector<std::string>{"CASE", "SIZE", "MEAN END POINT", "LARGEST", ""}
                      : std::vector<std::string>{"CASE", "SIZE", "RESIZED PIXELS", "LOGITS",
                                                 "SAME CLASS", ""});
  for (const MapResult& one : report.images) {
    std::vector<std::string>& row = rows.emplace_back(first_cells(one));
    const std::vector<std::string> cells = flow ? flow_cells(one) : label_cells(one);
    row.insert(row.end(), cells.begin(), cells.end());
    row.push_back(why(one));
  }
  return with_verdict(report, std::move(rows));
}

}  // namespace tv2onnx::cli
