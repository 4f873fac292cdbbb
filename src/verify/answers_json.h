#pragma once
// What the reports of verifying answers of whole photos have in common, as JSON.

#include <nlohmann/json.hpp>

#include "tv2onnx/verify_classes.h"

namespace tv2onnx {

using Json = nlohmann::ordered_json;

/// A case: which it is and whether it is equal.
inline Json case_row(const CaseResult& one) {
  return {{"case", one.case_name}, {"height", one.size[0]},  {"width", one.size[1]},
          {"equal", one.equal()},  {"failure", one.failure}, {"reason", one.reason}};
}

inline void put_pixels(Json& row, const CaseResult& one) {
  if (!one.has_pixels) return;
  row["pixel"] = one.pixel;
  row["pixel_share"] = one.pixel_share;
}

inline Json report_json(const CasesReport& report, Json tolerance, Json images) {
  return {{"model", report.model},
          {"reference", report.reference},
          {"origin", report.origin},
          {"task", task_name(report.task)},
          {"verdict", verdict_name(report.verdict)},
          {"equal", report.equal()},
          {"reason", report.reason},
          {"note", report.note},
          {"tolerance", std::move(tolerance)},
          {"images", std::move(images)}};
}

}  // namespace tv2onnx
