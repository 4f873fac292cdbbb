#pragma once
// What the comparisons of all tasks but detection have in common.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.h"
#include "run/prepared_pixels.h"
#include "tv2onnx/error.h"
#include "tv2onnx/verify_classes.h"

namespace tv2onnx {

/// A tensor of a case's answer. \throws Error V002 unless it is there with this type and rank.
const Tensor& recorded_tensor(const ReferenceCase& one, std::string_view name, DType dtype,
                              std::size_t rank, const Reference& reference);
/// Nothing if it is not recorded.
const Tensor* find_recorded(const ReferenceCase& one, std::string_view name);

/// Height and width of the images of a case.
ImageSize size_of(const ReferenceCase& one);

/// How the photos as they are prepared differ, if the reference has them. Replaces the reason:
/// other pixels are why all else differs.
void compare_pixels(const ReferenceCase& one, const PreparedPixels& pixels, const PhotoSpec& spec,
                    CaseResult& result);

double deviation_of(const std::vector<float>& values);

/// Begins a report, with a note if the file was exported from another checkpoint than the
/// reference. \throws Error V002 if the reference is of another task than the file.
void begin_report(const Session& session, const Contract& contract, const Reference& reference,
                  CasesReport& report);

/// Fills the report of the cases one after the other: `compare` gives a result for a case, whose
/// failure is what the runtime says.
template <typename Report, typename Compare>
void compare_cases(const Reference& reference, const CallControl& control, Report& report,
                   Compare compare) {
  for (std::size_t k = 0; k < reference.cases.size(); ++k) {
    const ReferenceCase& one = reference.cases[k];
    begin_step(control, {one.name, k, reference.cases.size()});
    auto& result = report.images.emplace_back();
    result.case_name = one.name;
    result.size = size_of(one);
    result.failure = one.failure;
    if (!result.failure.empty()) continue;
    try {
      compare(one, result);
    } catch (const Error& error) {
      if (error.code() != "R003" && error.code() != "R006") throw;
      result.failure = printable(error.parts().found, 500);
    }
  }
  const auto wrong =
      std::ranges::find_if(report.images, [](const auto& one) { return !one.equal(); });
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

}  // namespace tv2onnx
