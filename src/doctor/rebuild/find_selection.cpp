// What decides which boxes survive. All families end in the same steps of torchvision:
//   keep = where(scores > threshold)                      Greater -> NonZero
//   top = topk(scores, min(limit, n))                     TopK, its k is bounded by a constant
//   keep = batched_nms(boxes, scores, labels, iou)[:limit]  NonMaxSuppression -> Slice
// In two-stage detectors the proposals go through them first.

#include <algorithm>

#include "doctor/box_head.h"
#include "doctor/rebuild/constants.h"
#include "doctor/rebuild/flow.h"
#include "doctor/rebuild/settings.h"
#include "doctor/traced_counts.h"

namespace tv2onnx::doctor {
namespace {

constexpr auto kKeptIndices = std::to_array<std::string_view>(
    {"Identity", "Cast", "Gather", "Squeeze", "Unsqueeze", "Reshape"});
constexpr auto kMereCasts = std::to_array<std::string_view>({"Identity", "Cast"});
constexpr std::int64_t kNoLimit = std::int64_t{1} << 31;

/// A stretch of the nodes, in order of execution.
struct Part {
  std::size_t begin = 0;
  std::size_t end = 0;
};

template <typename Visit>
void for_each(const View& view, Part part, std::string_view op, Visit visit) {
  for (std::size_t k = part.begin; k < part.end; ++k) {
    if (view.nodes()[k]->op == op) visit(*view.nodes()[k]);
  }
}

/// A number and the node that has it.
template <typename Number>
struct At {
  Number value{};
  const OnnxNode* node = nullptr;
};
using Threshold = std::optional<At<double>>;
using Limit = std::optional<At<std::int64_t>>;

/// The number that is the node's input.
Threshold threshold_of(const View& view, const OnnxNode& node, std::size_t input) {
  const auto number = float_number(view, node.input(input));
  return number ? Threshold({*number, &node}) : std::nullopt;
}

Threshold nms_threshold(const View& view, Part part) {
  Threshold found;
  for_each(view, part, "NonMaxSuppression", [&](const OnnxNode& node) {
    if (!found && node.inputs.size() > 3) found = threshold_of(view, node, 3);
  });
  return found;
}

/// How many indices are kept behind non-maximum suppression.
Limit kept_limit(const View& view, Part part) {
  Limit found;
  for_each(view, part, "NonMaxSuppression", [&](const OnnxNode& node) {
    for (const OnnxNode* next : readers_behind(view, node.output(0), kKeptIndices)) {
      const auto bounds = slice_bounds(view, *next);
      if (!bounds || bounds->axis != 0 || bounds->start != 0 || bounds->step != 1) continue;
      if (!found && bounds->end > 0 && bounds->end < kNoLimit) found = {bounds->end, next};
    }
  });
  return found;
}

/// The largest constant that bounds the k of a TopK: small feature maps have fewer candidates.
Limit top_limit(const View& view, Part part) {
  Limit found;
  for_each(view, part, "TopK", [&](const OnnxNode& node) {
    if (node.inputs.size() < 2) return;
    for (const std::int64_t bound : integer_bounds(view, node.input(1))) {
      if (bound <= 1 || bound >= kNoLimit) continue;
      if (!found || bound > found->value) found = {bound, &node};
    }
  });
  return found;
}

bool selects(const View& view, const OnnxNode& comparison) {
  const auto readers = readers_behind(view, comparison.output(0), kMereCasts);
  return std::ranges::any_of(readers, [](const OnnxNode* node) { return node->op == "NonZero"; });
}

/// t of `scores > t`.
Threshold score_above(const View& view) {
  const std::vector<OnnxNode*> comparisons = score_comparisons(view);
  return comparisons.empty() ? std::nullopt : threshold_of(view, *comparisons[0], 1);
}

/// One of two comparisons that both must hold: of widths and heights.
bool is_joined(const View& view, const OnnxNode& comparison) {
  const auto readers = readers_behind(view, comparison.output(0), kMereCasts);
  return std::ranges::any_of(readers, [](const OnnxNode* node) { return node->op == "And"; });
}

/// t of `values >= t`, which older opsets write as `not values < t`, where `is_meant` holds for
/// what has the result.
Threshold lower_bound(const View& view, Part part,
                      bool (*is_meant)(const View& view, const OnnxNode& comparison)) {
  Threshold found;
  for_each(view, part, "GreaterOrEqual", [&](const OnnxNode& node) {
    if (!found && is_meant(view, node)) found = threshold_of(view, node, 1);
  });
  for_each(view, part, "Less", [&](const OnnxNode& node) {
    for (const OnnxNode* negation : view.readers(node.output(0), "Not")) {
      if (!found && is_meant(view, *negation)) found = threshold_of(view, node, 1);
    }
  });
  return found;
}

template <typename Number>
void add(FoundSettings& found, std::string path, const std::optional<At<Number>>& at) {
  if (at) found.push_back({std::move(path), {at->value}, at->node});
}

/// `{"testing": n}`, as RegionProposalNetwork has its limits.
void add_limit(FoundSettings& found, std::string path, const Limit& limit) {
  if (!limit) return;
  found.push_back({std::move(path), {SettingDict{{"testing", {limit->value}}}}, limit->node});
}

Part whole(const View& view) {
  return {0, view.nodes().size()};
}

/// Position of the first RoiAlign: what stands before it makes proposals.
std::size_t first_pooling(const View& view) {
  const auto node = std::ranges::find(view.nodes(), std::string_view("RoiAlign"), &OnnxNode::op);
  return static_cast<std::size_t>(node - view.nodes().begin());
}

/// "0", "1", ... or "pool": the key of the feature map that RoiAlign reads, in files of ours behind
/// a Reshape into groups of channels.
std::string map_name(const View& view, const std::vector<Layer>& layers, const OnnxNode& pooling) {
  constexpr std::string_view kLayerBlocks = "backbone.fpn.layer_blocks.";
  const OnnxNode* groups = view.producer(pooling.input(0), "Reshape");
  const std::string_view map = (groups != nullptr ? *groups : pooling).input(0);
  for (const Layer& layer : layers) {
    if (layer.output != map || !layer.module.starts_with(kLayerBlocks)) continue;
    const std::string rest = layer.module.substr(kLayerBlocks.size());
    return rest.substr(0, rest.find('.'));
  }
  const OnnxNode* producer = view.producer(map);
  return producer != nullptr && producer->op == "MaxPool" ? "pool" : "";
}

/// MultiScaleRoIAlign called `pool`, from the RoiAlign nodes of a part.
void find_pooling(const View& view, const std::vector<Layer>& layers, Part part,
                  const std::string& pool, FoundSettings& found) {
  SettingList names;
  const OnnxNode* last = nullptr;
  for_each(view, part, "RoiAlign", [&](const OnnxNode& node) {
    const std::string name = map_name(view, layers, node);
    if (!name.empty()) names.push_back({name});
    last = &node;
  });
  if (last == nullptr) return;
  const SettingList size{{last->integer("output_height", 1)}, {last->integer("output_width", 1)}};
  found.push_back({pool + ".output_size", {size}, last});
  found.push_back({pool + ".sampling_ratio", {last->integer("sampling_ratio", 0)}, last});
  if (!names.empty()) found.push_back({pool + ".featmap_names", {std::move(names)}, last});
}

/// Boxes are pooled before the layer that classifies them, and once more for masks or keypoints.
void find_poolings(const View& view, const std::vector<Layer>& layers, FoundSettings& found) {
  const auto place = [&](std::string_view module) {
    const auto layer = std::ranges::find(layers, module, &Layer::module);
    return layer != layers.end() ? position(view, layer->node) : 0;
  };
  const std::size_t boxes = place("roi_heads.box_predictor.cls_score");
  const std::size_t masks = place("roi_heads.mask_predictor.mask_fcn_logits");
  const std::size_t keypoints = place("roi_heads.keypoint_predictor.kps_score_lowres");
  find_pooling(view, layers, {0, boxes}, "roi_heads.box_roi_pool", found);
  find_pooling(view, layers, {boxes, masks}, "roi_heads.mask_roi_pool", found);
  find_pooling(view, layers, {boxes, keypoints}, "roi_heads.keypoint_roi_pool", found);
}

/// BoxCoder.weights: what the four columns of deltas are divided by. Division by 1 may be missing.
void find_box_weights(const View& view, FoundSettings& found) {
  const std::vector<BoxHead> heads = find_box_heads(view);
  if (heads.empty()) return;
  SettingList weights;
  for (const OnnxNode* slice : heads[0].slices) {
    double weight = 1;
    for (const OnnxNode* div : view.readers(slice->output(0), "Div")) {
      weight = float_number(view, div->input(1)).value_or(weight);
    }
    weights.push_back({weight});
  }
  found.push_back({"roi_heads.box_coder.weights", {std::move(weights)}, heads[0].layer});
}

}  // namespace

std::vector<OnnxNode*> score_comparisons(const View& view) {
  // In two-stage detectors, what stands before the pooling is about proposals.
  const std::size_t pooling = first_pooling(view);
  const std::size_t begin = pooling < view.nodes().size() ? pooling : 0;
  std::vector<OnnxNode*> found;
  for (std::size_t k = begin; k < view.nodes().size(); ++k) {
    OnnxNode* node = view.nodes()[k];
    const bool greater = node->op == "Greater" && node->inputs.size() == 2;
    if (greater && float_number(view, node->input(1)) && selects(view, *node)) {
      found.push_back(node);
    }
  }
  return found;
}

void find_two_stage_selection(const View& view, const std::vector<Layer>& layers,
                              FoundSettings& found) {
  const std::size_t pooling = first_pooling(view);
  const Part proposals{0, pooling};
  const Part boxes{pooling, view.nodes().size()};
  add_limit(found, "rpn._pre_nms_top_n", top_limit(view, proposals));
  add_limit(found, "rpn._post_nms_top_n", kept_limit(view, proposals));
  const Threshold overlap = nms_threshold(view, proposals);
  add(found, "rpn.nms_thresh", overlap);
  // Releases before 0.9 have no threshold, which is the same as 0.
  const Threshold score = lower_bound(view, proposals, selects);
  if (overlap) add(found, "rpn.score_thresh", score ? score : Threshold({0, overlap->node}));
  add(found, "rpn.min_size", lower_bound(view, proposals, is_joined));
  add(found, "roi_heads.score_thresh", score_above(view));
  add(found, "roi_heads.nms_thresh", nms_threshold(view, boxes));
  add(found, "roi_heads.detections_per_img", kept_limit(view, boxes));
  find_poolings(view, layers, found);
  find_box_weights(view, found);
}

void find_one_stage_selection(const View& view, FoundSettings& found) {
  add(found, "score_thresh", score_above(view));
  add(found, "nms_thresh", nms_threshold(view, whole(view)));
  add(found, "detections_per_img", kept_limit(view, whole(view)));
  // What the traced image had is no setting.
  if (!untold_limit(view)) add(found, "topk_candidates", top_limit(view, whole(view)));
}

}  // namespace tv2onnx::doctor
