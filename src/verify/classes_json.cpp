// The report of verifying a classifier, as JSON.

#include "base/json_text.h"
#include "tv2onnx/verify_classes.h"
#include "verify/answers_json.h"

namespace tv2onnx {

std::string to_json(const VerifyClassesReport& report) {
  Json images = Json::array();
  for (const ClassesResult& one : report.images) {
    Json row = case_row(one);
    row["logits"] = one.logits;
    row["top1"] = one.same_top1;
    row["top5"] = one.same_top5;
    put_pixels(row, one);
    images.push_back(std::move(row));
  }
  const Json tolerance{{"logits", report.tolerance.logits}};
  return json_text(report_json(report, tolerance, images)) + "\n";
}

}  // namespace tv2onnx
