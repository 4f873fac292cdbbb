#include "nn/dense_detections.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "graph/ops.h"
#include "nn/boxes.h"

namespace tv2onnx {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();
constexpr double kNone = -1;  // score of what is no candidate; scores are probabilities
constexpr BoxWeights kRetinaNetWeights{1, 1, 1, 1};
constexpr BoxWeights kSsdWeights{10, 10, 5, 5};

/// What goes into non-maximum suppression, in torchvision's order, which decides between equals.
struct Candidates {
  Value boxes;   ///< float32 [batch, count, 4]
  Value scores;  ///< float32 [batch, count]; kNone where there is no candidate
  Value labels;  ///< int64 [batch, count]
  std::int64_t count = 0;
};

Value is_candidate(Value scores) {
  return greater(scores, scalar_like(scores, kNone / 2));
}

/// Where a map [batch, anchors * columns, h, w] has the columns of the flat positions `index`
/// [batch, k] (row, column, anchor): [batch, k, columns]. Cheaper than turning the whole map.
Value values_at(Value map, Value index, std::int64_t anchors, std::int64_t columns) {
  const Value grid = pick(shape_of(map), {2, 3}, 0);
  const Value area = pick(grid, {0}, 0) * pick(grid, {1}, 0);
  const auto per_cell = static_cast<double>(anchors);
  const Value anchor =
      flat_rows(mod(index, scalar_like(index, per_cell)), ints(*map.graph, {anchors}));
  const Value first = anchor * (area * static_cast<double>(columns)) + index / per_cell;
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
  Value score;  ///< float32 [batch, k], best first; kNone below the threshold
};

/// The best `top_n` pairs of anchor and class of a map. They are among the pairs of the best
/// `top_n` anchors, so that all the others need not be sorted.
Best best_pairs(const DensePrediction& level, std::int64_t top_n, double score_thresh) {
  Graph& graph = *level.logits.graph;
  const Value ranks = anchor_ranks(level);
  // Columns that never win make a fixed k legal on maps with fewer anchors.
  const Value never = constant(graph, make_tensor({1, 1}, std::vector{kNever}));
  const Value filler = expand(never, concat({size_of(ranks, 0), ints(graph, {top_n})}, 0));
  const TopK anchors = top_k(concat({ranks, filler}, 1), ints(graph, {top_n}), 1);
  const Value index = minimum(anchors.indices, size_of(ranks, 1) - 1.0);

  Value pairs = values_at(level.logits, index, level.anchors, level.classes);
  if (level.centerness) {
    pairs = with_centerness(pairs, values_at(level.centerness, index, level.anchors, 1));
  }
  const Value real = greater(anchors.values, scalar_like(ranks, kNever));
  pairs = where(unsqueeze(real, {2}), pairs, scalar_like(pairs, kNever));
  const TopK best = top_k(reshape(pairs, {0, top_n * level.classes}), ints(graph, {top_n}), 1);
  const auto classes = static_cast<double>(level.classes);
  const Value score = level.centerness ? best.values : sigmoid(best.values);
  const Value valid = logical_and(greater(best.values, scalar_like(score, kNever)),
                                  greater(score, scalar_like(score, score_thresh)));
  return {gather_elements(index, best.indices / classes, 1),
          mod(best.indices, scalar_like(best.indices, classes)),
          where(valid, score, scalar_like(score, kNone))};
}

Value boxes_at(Value index, const DensePrediction& level, const Tensor& base,
               const TransformedImages& images) {
  const Value deltas = values_at(level.deltas, index, level.anchors, 4);
  const Value anchors =
      anchors_at(index, constant(*index.graph, base), level.deltas, images.padded_size);
  const Value boxes = level.centerness ? decode_distances(anchors, deltas, 3)
                                       : decode_boxes(anchors, deltas, kRetinaNetWeights, 3);
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

NmsSpec nms_spec(const DenseSpec& spec) {
  return {.max_per_class = spec.detections_per_img,
          .iou_threshold = spec.nms_thresh,
          .score_threshold = static_cast<float>(kNone / 2)};
}

/// The best of the candidates at `places` [n, 2] (image, candidate), which survived.
DetectionTable best_detections(const Candidates& c, Value places, const DenseSpec& spec) {
  Graph& graph = *c.boxes.graph;
  const std::int64_t limit = spec.detections_per_img;
  const Value shape = concat({size_of(c.scores, 0), ints(graph, {c.count + limit})}, 0);
  const Value kept =
      scatter_nd(fill(shape, kNone, DType::kFloat32), places, gather_nd(c.scores, places));
  const TopK best = top_k(kept, ints(graph, {limit}), 1);
  const Value place = minimum(best.indices, ints(graph, {c.count - 1}));
  const Value rows = flat_rows(place, ints(graph, {c.count}));
  return {.boxes = gather(reshape(c.boxes, {-1, 4}), rows, 0),
          .labels = gather_elements(c.labels, place, 1),
          .scores = best.values,
          .valid = is_candidate(best.values),
          .limit = limit,
          .scores_first = true};
}

/// [batch, anchors * columns, h, w] of each map -> [batch, anchors of all maps, columns]
Value rows_of(const std::vector<DensePrediction>& levels, Value DensePrediction::*map,
              std::int64_t columns) {
  std::vector<Value> rows;
  for (const DensePrediction& level : levels) {
    rows.push_back(reshape(transpose(level.*map, {0, 2, 3, 1}), {0, -1, columns}));
  }
  return concat(rows, 1);
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
      squeeze(apart, {1}), where(own, scores, scalar_like(scores, kNone)), nms_spec(spec));
  return best_detections(c, pick(selected, {0, 2}, 1), spec);
}

DetectionTable detect_on_default_boxes(const std::vector<DensePrediction>& levels, Tensor boxes,
                                       const TransformedImages& images, const DenseSpec& spec) {
  Graph& graph = *levels.front().logits.graph;
  const std::int64_t classes = levels.front().classes;
  const std::int64_t groups = classes - 1;  // without the background
  const std::int64_t count = boxes.shape[0];
  const std::int64_t top_n = std::min(spec.topk_candidates, count);
  const Value deltas = rows_of(levels, &DensePrediction::deltas, 4);
  const Value all = clip_boxes(
      decode_boxes(unsqueeze(constant(graph, std::move(boxes)), {0}), deltas, kSsdWeights, 3),
      images.size);
  const Value logits = reshape(rows_of(levels, &DensePrediction::logits, classes), {-1, classes});
  const Value probabilities = reshape(softmax(logits, 1), {-1, count, classes});
  const TopK best = top_k(transpose(slice(probabilities, {.axis = 2, .start = 1}), {0, 2, 1}),
                          ints(graph, {top_n}), 2);
  const Value valid = greater(best.values, scalar_like(best.values, spec.score_thresh));
  const Value scores = where(valid, best.values, scalar_like(best.values, kNone));
  const Value rows = flat_rows(reshape(best.indices, {0, groups * top_n}), ints(graph, {count}));

  std::vector<std::int64_t> numbers;
  for (std::int64_t k = 0; k < groups * top_n; ++k) numbers.push_back(1 + k / top_n);
  const Value labels = constant(graph, make_tensor({1, groups * top_n}, std::move(numbers)));
  const Candidates c{gather(reshape(all, {-1, 4}), rows, 0), reshape(scores, {0, groups * top_n}),
                     expand(labels, shape_of(rows)), groups * top_n};
  const Value apart = with_group_offsets(reshape(c.boxes, {0, groups, top_n, 4}), valid, groups, 1);
  const Value selected = non_max_suppression(reshape(apart, {-1, top_n, 4}),
                                             reshape(scores, {-1, 1, top_n}), nms_spec(spec));
  const Value group = pick(selected, {0}, 1);
  const auto per_image = static_cast<double>(groups);
  const Value place = mod(group, scalar_like(group, per_image)) * static_cast<double>(top_n) +
                      pick(selected, {2}, 1);
  return best_detections(c, concat({group / per_image, place}, 1), spec);
}

}  // namespace tv2onnx
