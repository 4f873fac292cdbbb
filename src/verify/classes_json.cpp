// The report of verifying a classifier, as JSON.

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "tv2onnx/verify_classes.h"

namespace tv2onnx {

std::string to_json(const VerifyClassesReport& report) {
  using Json = nlohmann::ordered_json;
  Json images = Json::array();
  for (const ClassesResult& one : report.images) {
    Json row{{"case", one.case_name}, {"height", one.size[0]},  {"width", one.size[1]},
             {"equal", one.equal()},  {"failure", one.failure}, {"reason", one.reason},
             {"logits", one.logits},  {"top1", one.same_top1},  {"top5", one.same_top5}};
    if (one.has_pixels) {
      row["pixel"] = one.pixel;
      row["pixel_share"] = one.pixel_share;
    }
    images.push_back(std::move(row));
  }
  const Json answer{{"model", report.model},
                    {"reference", report.reference},
                    {"origin", report.origin},
                    {"task", task_name(report.task)},
                    {"verdict", verdict_name(report.verdict)},
                    {"equal", report.equal()},
                    {"reason", report.reason},
                    {"note", report.note},
                    {"tolerance",
                     {{"logits", report.tolerance.logits},
                      {"pixel", report.tolerance.pixel},
                      {"pixel_share", report.tolerance.pixel_share}}},
                    {"images", images}};
  return json_text(answer) + "\n";
}

}  // namespace tv2onnx
