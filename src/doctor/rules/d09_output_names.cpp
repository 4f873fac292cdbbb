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

/// The name without what people put around a role: "boxes" of "Pred_Boxes_0".
std::string bare(std::string_view name) {
  static constexpr auto kAround =
      std::to_array<std::string_view>({"pred", "predicted", "detection", "detections", "detected",
                                       "det", "output", "out", "final"});
  std::string kept;
  std::string word;
  const auto end_word = [&] {
    const bool says = !word.empty() && std::ranges::find(kAround, word) == kAround.end() &&
                      word.find_first_not_of("0123456789") != std::string::npos;
    if (says) kept += (kept.empty() ? "" : "_") + word;
    word.clear();
  };
  for (const char c : name) {
    if (c == '_' || c == '-' || c == '.' || c == ' ') {
      end_word();
    } else {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  end_word();
  return kept;
}

/// What the name says it is; "" if nothing. The whole name counts: class_logits are no labels.
std::string_view role_in_name(std::string_view name) {
  static constexpr auto kWords = std::to_array<std::pair<std::string_view, std::string_view>>(
      {{"boxes", kBoxes},
       {"box", kBoxes},
       {"bboxes", kBoxes},
       {"bbox", kBoxes},
       {"labels", kLabels},
       {"label", kLabels},
       {"classes", kLabels},
       {"class", kLabels},
       {"class_ids", kLabels},
       {"class_id", kLabels},
       {"categories", kLabels},
       {"category_ids", kLabels},
       {"scores", kScores},
       {"score", kScores},
       {"confidences", kScores},
       {"confidence", kScores},
       {"conf", kScores},
       {"probs", kScores},
       {"probabilities", kScores},
       {"masks", kMasks},
       {"mask", kMasks},
       {"keypoints", kKeypoints},
       {"keypoint", kKeypoints},
       {"keypoints_scores", kKeypointScores},
       {"keypoint_scores", kKeypointScores}});
  const auto found =
      std::ranges::find(kWords, bare(name), [](const auto& word) { return word.first; });
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
    const bool alone = each.role == kKeypointScores && !points;
    return alone || (each.role.empty() && says_nothing(each));
  });
}

/// Whether an output that is not judged has the name that one of them would get.
bool takes_a_name(const std::vector<OnnxValueInfo>& outputs, const std::vector<Judged>& judged) {
  return std::ranges::any_of(outputs, [&](const OnnxValueInfo& output) {
    if (std::ranges::find(judged, &output, &Judged::output) != judged.end()) return false;
    return std::ranges::find(judged, std::string_view(output.name), &Judged::role) != judged.end();
  });
}

/// Empty unless the outputs are those of a torchvision detector, and each role is there equally
/// often.
std::vector<Judged> judged_outputs(const RuleContext& context) {
  const std::size_t images = find_box_scalings(context.view).size();
  std::vector<Judged> judged;
  std::map<std::string_view, std::size_t> counts;
  const std::vector<OnnxValueInfo>& outputs = context.view.model().graph.outputs;
  for (const OnnxValueInfo& output : outputs) {
    judged.push_back({&output, role_of(output), role_in_name(output.name)});
  }
  drop_others(judged);
  if (takes_a_name(outputs, judged)) return {};
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
