// The report of a verification as JSON.

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

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
    Json& entry = all.emplace_back(
        Json{{"expected", json_of(pair.expected)}, {"found", json_of(pair.found)}});
    entry["box_px"] = pair.difference.box;
    entry["score"] = pair.difference.score;
    entry["mask"] = pair.difference.mask;
    entry["keypoint_px"] = pair.difference.keypoint;
    entry["keypoint_score"] = pair.difference.keypoint_score;
  }
  return all;
}

Json json_of(const std::vector<PartFlip>& list) {
  Json all = Json::array();
  for (const PartFlip& flip : list) {
    Json& entry = all.emplace_back(Json{{"found", json_of(flip.found)}});
    entry[flip.keypoint ? "keypoint" : "mask"] = flip.keypoint ? Json(*flip.keypoint) : Json();
    entry[flip.keypoint ? "px" : "probability"] = flip.difference;
    entry["why"] = flip_text(flip.flip);
  }
  return all;
}

/// What was found out about masks and keypoints, if any were compared.
template <typename Result>
void add_parts(Json& entry, const Result& result, std::size_t keypoint_flips) {
  if (result.masks > 0) {
    entry["masks"] = result.masks;
    entry["worst_mask"] = result.worst.mask;
  }
  if (result.keypoints > 0) {
    entry["keypoints"] = result.keypoints;
    entry["keypoint_flips"] = keypoint_flips;
    entry["worst_keypoint_px"] = result.worst.keypoint;
    entry["worst_keypoint_score"] = result.worst.keypoint_score;
  }
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
  entry["worst_box_px"] = result.worst.box;
  entry["worst_score"] = result.worst.score;
  entry["allowed_box_px"] = result.allowed.box;
  entry["allowed_score"] = result.allowed.score;
  add_parts(entry, result, result.keypoint_flips());
  if (result.masks > 0) entry["allowed_mask"] = result.allowed.mask;
  if (result.keypoints > 0) {
    entry["allowed_keypoint_px"] = result.allowed.keypoint;
    entry["allowed_keypoint_score"] = result.allowed.keypoint_score;
  }
  entry["different"] = json_of(result.different);
  entry["missing"] = json_of(result.missing);
  entry["extra"] = json_of(result.extra);
  if (result.masks + result.keypoints > 0) entry["part_flips"] = json_of(result.part_flips);
  return entry;
}

}  // namespace

std::string to_json(const VerifyReport& report) {
  const VerifyOptions& options = report.options;
  Json answer{{"model", report.model},
              {"reference", report.reference},
              {"reference_kind", report.origin},
              {"verdict", verdict_name(report.verdict)},
              {"equal", report.equal()},
              {"reason", report.reason},
              {"standard", report.standard},
              {"notes", report.notes},
              {"expected", report.expected},
              {"found", report.found},
              {"matched", report.matched},
              {"flips", report.flips},
              {"worst_box_px", report.worst.box},
              {"worst_score", report.worst.score},
              {"max_box_diff", options.tolerance.box},
              {"max_score_diff", options.tolerance.score},
              {"max_flips_percent", 100 * options.max_flips}};
  if (!report.caveat.empty()) answer["caveat"] = report.caveat;
  add_parts(answer, report, report.keypoint_flips);
  if (report.masks > 0) answer["max_mask_diff"] = options.tolerance.mask;
  if (report.keypoints > 0) {
    answer["max_keypoint_diff"] = options.tolerance.keypoint;
    answer["max_keypoint_score_diff"] = options.tolerance.keypoint_score;
  }
  answer["images"] = Json::array();
  for (const ImageResult& row : report.images) answer["images"].push_back(json_of(row));
  return json_text(answer) + "\n";
}

}  // namespace tv2onnx
