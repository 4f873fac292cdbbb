#include "nn/rpn.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nn/boxes.h"
#include "nn/computed_parts.h"
#include "nn/layers.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr BoxWeights kDeltaWeights{1, 1, 1, 1};

/// [batch, anchors * columns, h, w] -> [batch * h * w * anchors, columns]
Value rows_by_position(Value x, std::int64_t columns) {
  return reshape(transpose(x, {0, 2, 3, 1}), {-1, columns});
}

/// The convolutions of RPNHead, as many as there are weights. Before torchvision 0.13 it was one,
/// and its key had no number.
Value head_features(Scope s, Value x) {
  const Conv2d options{.kernel = 3};
  if (s.has("weight")) return relu(s, conv2d(s, x, options));
  for (int k = 0; k == 0 || (s / k / 0).has("weight"); ++k) {
    x = conv2d(s / k / 0, x, options);
    (s / k / 1).computes(ModuleKind::kReLU);
    x = relu(s / k, x);
  }
  return x;
}

struct LevelProposals {
  Value boxes;   ///< [batch, k, 4]
  Value logits;  ///< [batch, k], best first; -inf where there is no proposal
};

/// The best `pre_nms_top_n` anchors of a level, decoded and clipped.
LevelProposals level_proposals(Value logits, Value deltas, Value feature, Value base,
                               const TransformedImages& images, const RpnSpec& spec) {
  const std::int64_t top_n = spec.pre_nms_top_n;
  Graph& graph = *logits.graph;
  const Value flat = reshape(transpose(logits, {0, 2, 3, 1}), {0, -1});
  const Value count = size_of(flat, 1);
  const TopK best = top_k(with_filler(flat, top_n, kNever), ints(graph, {top_n}), 1);
  const Value index = minimum(best.indices, count - 1.0);

  const Value anchors = anchors_at(index, base, feature, images.padded_size);
  const Value picked = gather(rows_by_position(deltas, 4), flat_rows(index, count), 0);
  const Value boxes = clip_boxes(decode_boxes(anchors, picked, kDeltaWeights, 3), images.size);
  return {boxes,
          where(is_large_enough(boxes, spec.min_size, 3), best.values, scalar_like(flat, kNever))};
}

/// The logit above which the sigmoid is at least `probability`: `logit > threshold` then says the
/// same as torchvision's `score >= probability`.
float logit_threshold(double probability) {
  const auto p = static_cast<double>(static_cast<float>(probability));
  if (p <= 0) return std::numeric_limits<float>::lowest();
  return std::nextafter(static_cast<float>(std::log(p / (1 - p))), kNever);
}

/// Non-maximum suppression per level; logits of what it drops become -inf. [batch, levels * k]
Value suppressed_levels(Value boxes, Value logits, std::int64_t levels, const RpnSpec& spec) {
  const float threshold = logit_threshold(spec.score_thresh);
  const Value candidates = greater(logits, scalar_like(logits, threshold));
  const Value apart = with_group_offsets(boxes, candidates, levels, 0);
  const Value rows = reshape(logits, {-1, 1, spec.pre_nms_top_n});
  const Value kept = suppressed(reshape(apart, {-1, spec.pre_nms_top_n, 4}), rows,
                                {.max_per_class = spec.post_nms_top_n,
                                 .iou_threshold = spec.nms_thresh,
                                 .score_threshold = threshold},
                                kNever);
  return reshape(kept, {-1, levels * spec.pre_nms_top_n});
}

/// How many rows the table of proposals has: those of the image with most of them.
Value row_count(Value logits, std::int64_t per_image, const RpnSpec& spec) {
  Graph& graph = *logits.graph;
  const Value most = ints(graph, {std::min(spec.post_nms_top_n, per_image)});
  if (spec.constant_counts) return most;
  const Value found = cast(greater(logits, scalar_like(logits, kNever)), DType::kInt64);
  const Value largest = reduce_max(reduce_sum(found, {1}, false), {0}, true);
  return minimum(maximum(largest, ints(graph, {1})), most);
}

/// The best boxes of each image over all levels.
Proposals best_proposals(Value boxes, Value logits, std::int64_t per_image, const RpnSpec& spec) {
  Graph& graph = *boxes.graph;
  const Value count = row_count(logits, per_image, spec);
  const TopK best = top_k(logits, count, 1);
  const Value valid = greater(best.values, scalar_like(best.values, kNever));
  const Value rows = flat_rows(best.indices, ints(graph, {per_image}));
  const Value picked = gather(reshape(boxes, {-1, 4}), rows, 0);
  return {where(unsqueeze(valid, {2}), picked, scalar_like(picked, 0)), valid, count};
}

/// Sizes and ratios are not in a state dict, but their number is.
void check_anchor_count(Scope head, std::int64_t per_cell) {
  const std::optional<Shape> shape = head.shape("cls_logits.weight");
  if (!shape || shape->empty() || (*shape)[0] == per_cell) return;
  throw Error({.code = "W002",
               .found = fmt::format("the settings make {} anchors per cell, the weights are for {}",
                                    per_cell, (*shape)[0]),
               .where = {.item = head.prefix() + ".cls_logits.weight"},
               .hint = "give the anchors of the training: rpn_anchor_generator.sizes and "
                       "rpn_anchor_generator.aspect_ratios"});
}

}  // namespace

Proposals region_proposals(Scope s, const std::vector<FeatureMap>& levels,
                           const TransformedImages& images, const RpnSpec& spec) {
  check_anchors(spec.anchors, levels.size(), "rpn_anchor_generator");
  Graph& graph = s.graph();
  const Scope head = s / "head";
  computes_with_box_coder(s, ModuleKind::kRpn, kDeltaWeights);
  computes_anchors(s / "anchor_generator", spec.anchors);
  head.computes(ModuleKind::kRpnHead);
  std::vector<Value> boxes;
  std::vector<Value> logits;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    Tensor base = cell_anchors(spec.anchors.sizes[k], spec.anchors.aspect_ratios[k]);
    const std::int64_t anchors = base.shape[0];
    check_anchor_count(head, anchors);
    const Value hidden = head_features(head / "conv", levels[k].x);
    const Value level_logits = conv2d(head / "cls_logits", hidden, {.out = anchors});
    const Value deltas = conv2d(head / "bbox_pred", hidden, {.out = anchors * 4});
    const NameScope names(graph, fmt::format("{}.level{}", s.prefix(), k));
    const LevelProposals level = level_proposals(level_logits, deltas, levels[k].x,
                                                 constant(graph, std::move(base)), images, spec);
    boxes.push_back(unsqueeze(level.boxes, {1}));
    logits.push_back(unsqueeze(level.logits, {1}));
  }
  const NameScope names(graph, s.prefix());
  const auto count = static_cast<std::int64_t>(levels.size());
  const Value all = concat(boxes, 1);
  const Value kept = suppressed_levels(all, concat(logits, 1), count, spec);
  return best_proposals(all, kept, count * spec.pre_nms_top_n, spec);
}

}  // namespace tv2onnx
