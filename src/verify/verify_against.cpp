// Comparing with a file, whatever kind of reference it is.

#include <algorithm>
#include <string>
#include <vector>

#include "tv2onnx/reference.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

/// The cases in which PyTorch's own rounding may explain something.
std::vector<std::string> differing_cases(const VerifyReport& report) {
  std::vector<std::string> names;
  for (const ImageResult& row : report.images) {
    const bool differs = row.skipped.empty() && row.failure.empty() && !row.comparison.equal();
    if (differs && std::ranges::find(names, row.case_name) == names.end()) {
      names.push_back(row.case_name);
    }
  }
  return names;
}

/// Puts the cases of `again` in the places of those of the same name.
void replace_cases(Reference& reference, Reference again) {
  for (ReferenceCase& one : again.cases) {
    const auto place = std::ranges::find(reference.cases, one.name, &ReferenceCase::name);
    if (place != reference.cases.end()) *place = std::move(one);
  }
}

}  // namespace

VerifyReport verify_against(const Detector& detector, const std::filesystem::path& against,
                            const RecordOptions& record, const VerifyOptions& options,
                            const SessionOptions& session) {
  const bool twice = record.precise && reference_kind(against) == ReferenceKind::kCheckpoint;
  RecordOptions first = record;
  if (twice) first.precise = false;
  Reference reference = reference_for(detector, against, first, session);
  VerifyReport report = verify(detector, reference, options);
  if (!twice) return report;
  RecordOptions second = record;
  second.cases = differing_cases(report);
  if (second.cases.empty()) return report;
  if (record.log) record.log("in double precision, where something differs:");
  replace_cases(reference, reference_for(detector, against, second, session));
  return verify(detector, reference, options);
}

}  // namespace tv2onnx
