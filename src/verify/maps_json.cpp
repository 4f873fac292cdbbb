// The report of verifying a model of segmentation or flow, as JSON.

#include "base/json_text.h"
#include "tv2onnx/verify_maps.h"
#include "verify/answers_json.h"

namespace tv2onnx {

std::string to_json(const VerifyMapsReport& report) {
  Json images = Json::array();
  for (const MapResult& one : report.images) {
    Json row = case_row(one);
    put_pixels(row, one);
    if (one.logits) row["logits"] = *one.logits;
    if (one.agreed) row["agreed"] = *one.agreed;
    if (one.end_point) row["end_point"] = *one.end_point;
    if (one.mean_end_point) row["mean_end_point"] = *one.mean_end_point;
    images.push_back(std::move(row));
  }
  const Json tolerance{{"logits", report.tolerance.photo.logits},
                       {"end_point", report.tolerance.end_point}};
  return json_text(report_json(report, tolerance, images)) + "\n";
}

}  // namespace tv2onnx
