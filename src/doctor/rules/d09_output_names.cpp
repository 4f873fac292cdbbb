// D09: outputs with wrong names, or none.
//
// torch.onnx.export numbers outputs or takes names from the user, who must know the order of the
// family: R-CNN boxes, labels, scores(, masks | keypoints, keypoints_scores); SSD, SSDlite,
// RetinaNet, FCOS boxes, scores, labels. Types and shapes tell what an output is:
//
//   float [n, 4] boxes    int64 [n] labels    float [n] scores
//   float [n, 1, ..] masks    float [n, K, 3] keypoints    float [n, K] keypoints_scores
//
// Repair: names after what the outputs are, where an exporter made them up or they say something
// else. Other names are somebody's own, as outputs are that are none of these: both stay, because
// programs ask for them. The order stays, too.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

#include "base/text.h"
#include "contract/output_names.h"
#include "doctor/box_scaling.h"
#include "doctor/rules/rules.h"
#include "onnx/schema.h"
#include "rewrite/edit.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kBoxes = "boxes";
constexpr std::string_view kLabels = "labels";
constexpr std::string_view kScores = "scores";
constexpr std::string_view kMasks = "masks";
constexpr std::string_view kKeypoints = "keypoints";
constexpr std::string_view kKeypointScores = "keypoints_scores";

/// What the output is; "" if its type and shape do not say.
std::string_view role_of(const OnnxValueInfo& output) {
  if (!output.dims) return "";
  const std::size_t rank = output.dims->size();
  const std::int64_t last = rank > 0 ? output.dims->back().value : 0;
  if (output.data_type == schema::data_type(DType::kInt64)) return rank == 1 ? kLabels : "";
  if (output.data_type != schema::data_type(DType::kFloat32)) return "";
  if (rank == 1) return kScores;
  if (rank == 2) return last == 4 ? kBoxes : kKeypointScores;
  if (rank == 3) return last == 3 ? kKeypoints : "";
  return rank == 4 ? kMasks : "";
}

/// What the name says it is; "" if nothing.
std::string_view role_in_name(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kWords{
      {{"mask", kMasks},
       {"score", kScores},
       {"conf", kScores},
       {"prob", kScores},
       {"label", kLabels},
       {"class", kLabels},
       {"categor", kLabels},
       {"keypoint", kKeypoints},
       {"bbox", kBoxes},
       {"box", kBoxes}}};
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  // Names of values inside the graph, "/roi_heads/Gather_21_output_0", are no names for outputs.
  if (lower.find('/') != std::string::npos) return "";
  const auto has = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
  if (has("keypoint") && has("score")) return kKeypointScores;
  const auto found =
      std::ranges::find_if(kWords, [&](const auto& word) { return has(word.first); });
  return found != kWords.end() ? found->second : "";
}

struct Judged {
  const OnnxValueInfo* output = nullptr;
  std::string_view role;
  std::string_view named;
};

/// A name that somebody gave and that says nothing about the role.
bool says_nothing(const Judged& each) {
  return each.named.empty() && !is_generated_name(each.output->name);
}

/// A name that no one gave, or that is another role's.
bool needs_name(const Judged& each) {
  return each.named != each.role && !says_nothing(each);
}

/// Leaves out what is no result of a detector: scores of keypoints are only beside keypoints.
void drop_others(std::vector<Judged>& judged) {
  const bool points = std::ranges::find(judged, kKeypoints, &Judged::role) != judged.end();
  std::erase_if(judged, [&](const Judged& each) {
    const bool none = each.role.empty() || (each.role == kKeypointScores && !points);
    return none && says_nothing(each);
  });
}

/// Empty unless the outputs are those of a torchvision detector, and each role is there equally
/// often.
std::vector<Judged> judged_outputs(const RuleContext& context) {
  const std::size_t images = find_box_scalings(context.view).size();
  std::vector<Judged> judged;
  std::map<std::string_view, std::size_t> counts;
  for (const OnnxValueInfo& output : context.view.model().graph.outputs) {
    judged.push_back({&output, role_of(output), role_in_name(output.name)});
  }
  drop_others(judged);
  for (const Judged& each : judged) ++counts[each.role];
  const bool clear =
      !judged.empty() && !counts.contains("") &&
      std::ranges::all_of(counts, [&](const auto& count) { return count.second == images; });
  return clear ? judged : std::vector<Judged>();
}

std::vector<Finding> examine_output_names(const RuleContext& context) {
  const std::vector<Judged> outputs = judged_outputs(context);
  Finding finding{.code = "D09",
                  .damage = Damage::kLimit,
                  .what = "outputs have no names that say what they are",
                  .evidence = {},
                  .symptom = "programs must go by position, which differs between families",
                  .since = "torch.onnx.export without output_names for every output",
                  .remedy = "outputs are named by what they are; their order stays",
                  .repairable = true};
  for (const Judged& each : outputs) {
    if (!needs_name(each)) continue;
    finding.evidence.push_back(
        fmt::format("output '{}' is the {}", printable(each.output->name), each.role));
    if (each.named.empty()) continue;
    finding.damage = Damage::kWrong;
    finding.what = "outputs have the names of others";
    finding.symptom = fmt::format("{} are read as {}", each.role, each.named);
    finding.since = "torch.onnx.export with output_names in another family's order";
  }
  if (finding.evidence.empty()) return {};
  return {finding};
}

void repair_output_names(RuleContext& context) {
  OnnxGraph& graph = context.view.model().graph;
  const std::vector<Judged> outputs = judged_outputs(context);
  const bool several = find_box_scalings(context.view).size() > 1;
  std::map<std::string_view, int> count;
  NewNames names;
  for (const Judged& each : outputs) {
    const int image = count[each.role]++;
    std::string name = several ? fmt::format("{}_{}", each.role, image) : std::string(each.role);
    if (needs_name(each)) names[each.output->name] = std::move(name);
  }
  // A value inside the graph may have the name that an output should get.
  std::set<std::string_view> outputs_now;
  for (const OnnxValueInfo& output : graph.outputs) outputs_now.insert(output.name);
  NewNames inside;
  for (const auto& [from, to] : names) {
    if (!outputs_now.contains(to) && context.view.producer(to) != nullptr) {
      inside[to] = context.view.fresh_name("doctor/" + to);
    }
  }
  names.merge(inside);
  rename_values(graph, names);
}

}  // namespace

Rule output_names() {
  return {"D09", examine_output_names, repair_output_names};
}

}  // namespace tv2onnx::doctor
