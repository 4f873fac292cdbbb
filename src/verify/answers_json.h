#pragma once
// What the reports of verifying answers of whole photos have in common, as JSON.

#include <nlohmann/json.hpp>

#include "tv2onnx/verify.h"

namespace tv2onnx {

using Json = nlohmann::ordered_json;

/// A case: which it is and whether it is equal.
template <typename Result>
Json case_row(const Result& one) {
  return {{"case", one.case_name}, {"height", one.size[0]},  {"width", one.size[1]},
          {"equal", one.equal()},  {"failure", one.failure}, {"reason", one.reason}};
}

template <typename Result>
void put_pixels(Json& row, const Result& one) {
  if (!one.has_pixels) return;
  row["pixel"] = one.pixel;
  row["pixel_share"] = one.pixel_share;
}

template <typename Report>
Json report_json(const Report& report, Json tolerance, Json images) {
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
