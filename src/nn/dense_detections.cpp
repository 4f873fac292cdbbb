#include "nn/dense_detections.h"

#include <numeric>

#include "graph/ops.h"
#include "nn/boxes.h"
#include "nn/dense_selection.h"

namespace tv2onnx {
namespace {

constexpr BoxWeights kDenseWeights{1, 1, 1, 1};

/// Where a map [batch, anchors * columns, h, w] has the columns of the flat positions `index`
/// [batch, k] (row, column, anchor): [batch, k, columns]. Cheaper than turning the whole map.
Value values_at(Value map, Value index, std::int64_t anchors, std::int64_t columns) {
  const Value grid = pick(shape_of(map), {2, 3}, 0);
  const Value area = pick(grid, {0}, 0) * pick(grid, {1}, 0);
  const auto [cell, anchor] = divided(index, scalar_like(index, static_cast<double>(anchors)));
  const Value row = flat_rows(anchor, ints(*map.graph, {anchors}));
  const Value first = row * (area * static_cast<double>(columns)) + cell;
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(columns));
  std::iota(numbers.begin(), numbers.end(), 0);
  const Value places = unsqueeze(first, {2}) + ints(*map.graph, std::move(numbers)) * area;
  return gather(reshape(map, {-1}), places, 0);
}

/// FCOS: the score of a class at a place.
Value with_centerness(Value logits, Value centerness) {
  return sqrt(sigmoid(logits) * sigmoid(centerness));
}

/// What orders the anchors of a map, [batch, h * w * anchors]: the best logit (RetinaNet) or score
/// (FCOS) over the classes.
Value anchor_ranks(const DensePrediction& level) {
  const Value highest =
      reduce_max(reshape(level.logits, {0, level.anchors, level.classes, -1}), {2}, false);
  const Value ranks =
      level.centerness ? with_centerness(highest, reshape(level.centerness, {0, level.anchors, -1}))
                       : highest;
  return reshape(transpose(ranks, {0, 2, 1}), {0, -1});
}

struct Best {
  Value index;  ///< int64 [batch, k]: position of the anchor
  Value label;  ///< int64 [batch, k]
  Value score;  ///< float32 [batch, k], best first; kNoScore below the threshold
};

/// The best `top_n` pairs of anchor and class of a map. They are among the pairs of the best
/// `top_n` anchors, so that all the others need not be sorted.
Best best_pairs(const DensePrediction& level, std::int64_t top_n, double score_thresh) {
  Graph& graph = *level.logits.graph;
  const Value ranks = anchor_ranks(level);
  const TopK anchors = top_k(with_filler(ranks, top_n, kNever), ints(graph, {top_n}), 1);
  const Value index = minimum(anchors.indices, size_of(ranks, 1) - 1.0);

  Value pairs = values_at(level.logits, index, level.anchors, level.classes);
  if (level.centerness) {
    pairs = with_centerness(pairs, values_at(level.centerness, index, level.anchors, 1));
  }
  const Value real = greater(anchors.values, scalar_like(ranks, kNever));
  pairs = where(unsqueeze(real, {2}), pairs, scalar_like(pairs, kNever));
  const TopK best = top_k(reshape(pairs, {0, top_n * level.classes}), ints(graph, {top_n}), 1);
  const auto [place, label] =
      divided(best.indices, scalar_like(best.indices, static_cast<double>(level.classes)));
  const Value score = level.centerness ? best.values : sigmoid(best.values);
  const Value valid = logical_and(greater(best.values, scalar_like(score, kNever)),
                                  greater(score, scalar_like(score, score_thresh)));
  return {gather_elements(index, place, 1), label,
          where(valid, score, scalar_like(score, kNoScore))};
}

Value boxes_at(Value index, const DensePrediction& level, const Tensor& base,
               const TransformedImages& images) {
  const Value deltas = values_at(level.deltas, index, level.anchors, 4);
  const Value anchors =
      anchors_at(index, constant(*index.graph, base), level.deltas, images.padded_size);
  const Value boxes = level.centerness ? decode_distances(anchors, deltas, 3)
                                       : decode_boxes(anchors, deltas, kDenseWeights, 3);
  return clip_boxes(boxes, images.size);
}

Candidates candidates_of(const std::vector<DensePrediction>& levels,
                         const std::vector<Tensor>& base, const TransformedImages& images,
                         const DenseSpec& spec) {
  std::vector<Value> boxes;
  std::vector<Value> scores;
  std::vector<Value> labels;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const Best best = best_pairs(levels[k], spec.topk_candidates, spec.score_thresh);
    boxes.push_back(boxes_at(best.index, levels[k], base[k], images));
    scores.push_back(best.score);
    labels.push_back(best.label);
  }
  return {concat(boxes, 1), concat(scores, 1), concat(labels, 1),
          static_cast<std::int64_t>(levels.size()) * spec.topk_candidates};
}

}  // namespace

DetectionTable detect_on_anchors(const std::vector<DensePrediction>& levels,
                                 const std::vector<Tensor>& base, const TransformedImages& images,
                                 const DenseSpec& spec) {
  const Candidates c = candidates_of(levels, base, images, spec);
  Graph& graph = *c.boxes.graph;
  const std::int64_t classes = levels.front().classes;
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(classes));
  std::iota(numbers.begin(), numbers.end(), 0);
  const Value labels = unsqueeze(c.labels, {1});
  const Value own = equal(labels, constant(graph, make_tensor({1, classes, 1}, numbers)));
  const Value scores = unsqueeze(c.scores, {1});
  const Value apart = with_group_offsets(unsqueeze(c.boxes, {1}), is_candidate(scores),
                                         cast(labels, DType::kFloat32));
  const Value selected = non_max_suppression(
      squeeze(apart, {1}), where(own, scores, scalar_like(scores, kNoScore)), nms_spec(spec));
  const Value places = pick(selected, {0, 2}, 1);
  const Value none = fill(shape_of(c.scores), kNoScore, DType::kFloat32);
  return best_detections(c, scatter_nd(none, places, gather_nd(c.scores, places)), spec);
}

}  // namespace tv2onnx
