#include "doctor/traced_counts.h"

#include <algorithm>
#include <array>
#include <set>

#include "doctor/rank.h"
#include "doctor/rebuild/flow.h"
#include "doctor/rebuild/settings.h"
#include "rewrite/data_flow.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx::doctor {
namespace {

bool has(const View& view, std::string_view op) {
  view.step(view.nodes().size() / 16);
  return std::ranges::find(view.nodes(), op, &OnnxNode::op) != view.nodes().end();
}

/// topk_candidates of the torchvision builder that the one-stage detector looks like.
std::int64_t standard_candidates(const View& view) {
  std::string_view builder = "retinanet_resnet50_fpn";  // that of FCOS is the same
  if (has(view, "Softmax")) {
    const bool depthwise = std::ranges::any_of(view.nodes(), [](const OnnxNode* node) {
      return node->op == "Conv" && node->integer("group", 1) > 1;
    });
    builder = depthwise ? "ssdlite320_mobilenet_v3_large" : "ssd300_vgg16";
  }
  const auto& options = find_model(builder).options;
  return *std::ranges::find(options, "topk_candidates", &Option::name)->standard.integer();
}

/// The NonZero nodes of `scores > threshold`: they find the candidates of a one-stage detector.
std::set<const OnnxNode*> candidate_finders(const View& view) {
  static constexpr std::array<std::string_view, 2> kCasts{"Identity", "Cast"};
  std::set<const OnnxNode*> finders;
  if (has(view, "RoiAlign")) return finders;
  for (const OnnxNode* comparison : score_comparisons(view)) {
    for (const OnnxNode* reader : readers_behind(view, comparison->output(0), kCasts)) {
      if (reader->op == "NonZero") finders.insert(reader);
    }
  }
  return finders;
}

}  // namespace

bool runs_along_found(const View& view, std::string_view list, std::int64_t axis) {
  if (axis == 0) return is_list_of_found(view, list);
  return axis == -1 && is_list_of_found(view, list) && rank_of(view, list) == 1;
}

std::vector<TracedTopK> find_traced_top_k(const View& view) {
  std::vector<TracedTopK> found;
  if (!has(view, "TopK") || !well_formed(view)) return found;
  const std::set<const OnnxNode*> finders = candidate_finders(view);
  std::int64_t limit = 0;
  for (OnnxNode* node : view.nodes()) {
    if (node->op != "TopK" || node->inputs.size() < 2) continue;
    const auto count = view.integers(node->input(1));
    if (!count || count->size() != 1) continue;
    if (!runs_along_found(view, node->input(0), node->integer("axis", -1))) continue;
    TracedTopK& one = found.emplace_back(TracedTopK{node, (*count)[0], (*count)[0]});
    if (!finders.contains(finder_of(view, node->input(0)))) continue;
    limit = std::max({limit, standard_candidates(view), one.count});
  }
  // The largest of several classes or levels may have reached a limit above torchvision's.
  for (TracedTopK& one : found) {
    if (finders.contains(finder_of(view, one.node->input(0)))) one.limit = limit;
  }
  return found;
}

std::optional<TracedTopK> untold_limit(const View& view) {
  const std::vector<TracedTopK> traced = find_traced_top_k(view);
  const auto largest = std::ranges::max_element(traced, {}, &TracedTopK::count);
  if (largest == traced.end() || !largest->cuts()) return std::nullopt;
  return *largest;
}

}  // namespace tv2onnx::doctor
