#include "nn/roi_heads.h"

#include <fmt/format.h>

#include "nn/box_head.h"
#include "nn/computed_parts.h"
#include "nn/layer_chain.h"
#include "nn/layers.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr double kMinSide = 1e-2;
constexpr double kNone = -1;  // score of what is no candidate; scores are probabilities

/// What the box head says of the proposals that can become detections: those with a score above the
/// threshold, few of a thousand. The others cost nothing from there on.
struct Prediction {
  Proposals proposals;
  Value scores;  ///< [batch, proposals, foreground]
  Value deltas;  ///< [batch, proposals, classes, 4]
  std::int64_t foreground = 0;
};

/// Some rows of a batch, the same number for each image.
struct Selection {
  Value rows;   ///< int64 [batch * count], of all images one after another; absent: all rows
  Value valid;  ///< bool [batch, count]; the others are there because another image has more
  Value count;  ///< int64 [1], at least 1
};

/// The rows for which `wanted` [batch, n] holds, in their order.
Selection select(Value wanted, Value n) {
  Graph& graph = *wanted.graph;
  const Value counts = reduce_sum(cast(wanted, DType::kInt64), {1}, false);
  const Value count = maximum(reduce_max(counts, {0}, true), ints(graph, {1}));
  const Value rank = cast(n - range(n), DType::kFloat32);
  const TopK first = top_k(where(wanted, rank, scalar_like(rank, 0)), count, 1);
  return {reshape(flat_rows(first.indices, n), {-1}),
          greater(first.values, scalar_like(first.values, 0)), count};
}

/// The rows of x that were chosen.
Value chosen_of(Value x, const Selection& chosen) {
  return chosen.rows ? gather(x, chosen.rows, 0) : x;
}

/// The rows of the weight. One that is missing is told by the load report, not as one of too few.
std::int64_t class_rows(Scope scores) {
  const std::optional<Shape> weight = scores.shape("weight");
  return weight && weight->size() == 2 ? weight->front() : 2;
}

/// A Linear, or an nn.Sequential that was put in its place.
Value predicted(Scope s, Value x, std::int64_t out) {
  if (!is_layer_chain(s)) return linear(s, x, out);
  const NameScope names(s.graph(), s.prefix());
  return layer_chain(s, x, 2);
}

/// Four for each class. \throws Error W002.
Value box_deltas(Scope s, Value x, std::int64_t classes) {
  const Value deltas = predicted(s, x, classes * 4);
  if (deltas.dim(1).number() == classes * 4) return deltas;
  throw Error({.code = "W002",
               .found = fmt::format("{} numbers for each box", deltas.dim(1).number()),
               .where = {.item = s.prefix()},
               .expected = fmt::format("{}: four for each class of cls_score", classes * 4)});
}

Prediction predict(Scope s, const std::vector<FeatureMap>& maps, const Proposals& proposals,
                   const BoxHeadSpec& spec) {
  Graph& graph = s.graph();
  PooledRois pooled;
  {
    const NameScope names(graph, s.prefix() + ".box_roi_pool");
    computes_roi_align(s / "box_roi_pool", maps);
    RoiPoolSpec pool = spec.pool;
    pool.constant_counts = spec.constant_counts;
    pooled = pool_rois(maps, proposals, pool);
  }
  const Value x = box_head(s / "box_head", pooled, spec.norm_eps);
  const Scope predictor = s / "box_predictor";
  predictor.computes(ModuleKind::kBoxPredictor);
  const Value logits = predicted(predictor / "cls_score", x, class_rows(predictor / "cls_score"));
  const std::int64_t classes = logits.dim(1).number();
  const std::int64_t foreground =
      foreground_classes(classes, (predictor / "cls_score").prefix() + ".weight");
  const NameScope names(graph, s.prefix());
  const Value batch = size_of(proposals.boxes, 0);
  const auto per_image = [&](Value rows, Value count, std::vector<std::int64_t> rest) {
    return reshape_to(rows, concat({batch, count, ints(graph, std::move(rest))}, 0));
  };

  const Value scores =
      slice(softmax(in_proposal_order(logits, pooled), 1), {.axis = 1, .start = 1});
  Selection chosen{{}, proposals.valid, proposals.count};
  if (!spec.constant_counts) {
    const Value best = per_image(reduce_max(scores, {1}, false), proposals.count, {});
    const Value above = greater(best, scalar_like(best, spec.score_thresh));
    chosen = select(logical_and(above, proposals.valid), proposals.count);
  }
  const Value boxes = chosen_of(reshape(proposals.boxes, {-1, 4}), chosen);
  const Value position = pooled.position ? chosen_of(pooled.position, chosen) : chosen.rows;
  const Value rows = position ? gather(x, position, 0) : x;
  const Value deltas = box_deltas(predictor / "bbox_pred", rows, classes);
  return {{per_image(boxes, chosen.count, {4}), chosen.valid, chosen.count},
          per_image(chosen_of(scores, chosen), chosen.count, {foreground}),
          per_image(deltas, chosen.count, {classes, 4}),
          foreground};
}

/// Every (class, proposal) pair of an image, background left out.
struct RoiCandidates {
  Value boxes;   ///< [batch, foreground, proposals, 4], clipped
  Value scores;  ///< [batch, foreground, proposals]; kNone where there is no candidate
  Value valid;   ///< bool, same shape
  std::int64_t foreground = 0;
};

RoiCandidates candidates_of(const Prediction& prediction, const TransformedImages& images,
                            const BoxHeadSpec& spec) {
  const Proposals& proposals = prediction.proposals;
  const Value scores = transpose(prediction.scores, {0, 2, 1});
  const Value deltas = transpose(slice(prediction.deltas, {.axis = 2, .start = 1}), {0, 2, 1, 3});
  const Value boxes = clip_boxes(
      decode_boxes(unsqueeze(proposals.boxes, {1}), deltas, spec.weights, 4), images.size);

  const Value above = greater(scores, scalar_like(scores, spec.score_thresh));
  const Value real =
      logical_and(is_large_enough(boxes, kMinSide, 4), unsqueeze(proposals.valid, {1}));
  const Value valid = logical_and(above, real);
  return {boxes, where(valid, scores, scalar_like(scores, kNone)), valid, prediction.foreground};
}

/// Scores [batch, proposals * foreground] after non-maximum suppression, in torchvision's order (by
/// proposal, then class), which decides between equal scores; kNone elsewhere.
Value surviving(const RoiCandidates& c, Value proposal_count, const BoxHeadSpec& spec) {
  Graph& graph = *c.boxes.graph;
  const Value groups = size_of(c.scores, 0) * static_cast<double>(c.foreground);
  const Value apart = with_group_offsets(c.boxes, c.valid, c.foreground, 1);
  const Value boxes = reshape_to(apart, concat({groups, proposal_count, ints(graph, {4})}, 0));
  const Value scores = reshape_to(c.scores, concat({groups, ints(graph, {1}), proposal_count}, 0));
  const Value kept = suppressed(boxes, scores,
                                {.max_per_class = spec.detections_per_img,
                                 .iou_threshold = spec.nms_thresh,
                                 .score_threshold = static_cast<float>(kNone / 2)},
                                kNone);
  const Value by_proposal = transpose(reshape_like(kept, c.scores), {0, 2, 1});
  return reshape_to(
      by_proposal,
      concat({size_of(c.scores, 0), proposal_count * static_cast<double>(c.foreground)}, 0));
}

DetectionTable best_detections(const RoiCandidates& c, Value proposal_count, Value kept,
                               const BoxHeadSpec& spec) {
  Graph& graph = *c.boxes.graph;
  const auto foreground = static_cast<double>(c.foreground);
  const std::int64_t limit = spec.detections_per_img;
  const TopK best = top_k(with_filler(kept, limit, kNone), ints(graph, {limit}), 1);
  const Value valid = greater(best.values, scalar_like(best.values, kNone / 2));
  const Value rows = proposal_count * foreground;
  const Value place = minimum(best.indices, rows - 1.0);
  const auto [proposal, label] = divided(place, scalar_like(place, foreground));
  const Value row = label * proposal_count + proposal;
  const Value boxes = gather(reshape(c.boxes, {-1, 4}), flat_rows(row, rows), 0);
  return {.boxes = boxes,
          .labels = label + 1.0,
          .scores = best.values,
          .valid = valid,
          .limit = limit,
          .constant_counts = spec.constant_counts};
}

}  // namespace

DetectionTable detect_boxes(Scope s, const std::vector<FeatureMap>& maps,
                            const Proposals& proposals, const TransformedImages& images,
                            const BoxHeadSpec& spec) {
  computes_with_box_coder(s, ModuleKind::kRoiHeads);
  const Prediction prediction = predict(s, maps, proposals, spec);
  const NameScope names(s.graph(), s.prefix());
  const RoiCandidates candidates = candidates_of(prediction, images, spec);
  const Value count = prediction.proposals.count;
  return best_detections(candidates, count, surviving(candidates, count, spec), spec);
}

}  // namespace tv2onnx
