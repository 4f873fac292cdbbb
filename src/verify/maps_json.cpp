// The report of verifying a model of segmentation or flow, as JSON.

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "tv2onnx/verify_maps.h"

namespace tv2onnx {

std::string to_json(const VerifyMapsReport& report) {
  using Json = nlohmann::ordered_json;
  Json images = Json::array();
  for (const MapResult& one : report.images) {
    Json row{{"case", one.case_name}, {"height", one.size[0]},  {"width", one.size[1]},
             {"equal", one.equal()},  {"failure", one.failure}, {"reason", one.reason}};
    if (one.has_pixels) {
      row["pixel"] = one.pixel;
      row["pixel_share"] = one.pixel_share;
    }
    if (one.logits) row["logits"] = *one.logits;
    if (one.agreed) row["agreed"] = *one.agreed;
    if (one.end_point) row["end_point"] = *one.end_point;
    if (one.mean_end_point) row["mean_end_point"] = *one.mean_end_point;
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
                     {{"logits", report.tolerance.photo.logits},
                      {"pixel", report.tolerance.photo.pixel},
                      {"pixel_share", report.tolerance.photo.pixel_share},
                      {"end_point", report.tolerance.end_point}}},
                    {"images", images}};
  return json_text(answer) + "\n";
}

}  // namespace tv2onnx
