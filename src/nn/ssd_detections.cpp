// detect_on_default_boxes, the selection of SSD.

#include <algorithm>

#include "graph/ops.h"
#include "nn/boxes.h"
#include "nn/dense_detections.h"
#include "nn/dense_selection.h"

namespace tv2onnx {
namespace {

constexpr BoxWeights kSsdWeights{10, 10, 5, 5};

/// The class of each candidate: [1, groups * top_n].
Value labels(Graph& graph, std::int64_t groups, std::int64_t top_n) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t k = 0; k < groups * top_n; ++k) numbers.push_back(1 + k / top_n);
  return constant(graph, make_tensor({1, groups * top_n}, std::move(numbers)));
}

}  // namespace

DetectionTable detect_on_default_boxes(const std::vector<DensePrediction>& levels, Tensor boxes,
                                       const TransformedImages& images, const DenseSpec& spec) {
  Graph& graph = *levels.front().logits.graph;
  const std::int64_t classes = levels.front().classes;
  const std::int64_t groups = foreground_classes(classes, "head.classification_head");
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
  const Value scores = where(valid, best.values, scalar_like(best.values, kNoScore));
  const Value rows = flat_rows(reshape(best.indices, {0, groups * top_n}), ints(graph, {count}));
  const Candidates c{gather(reshape(all, {-1, 4}), rows, 0), reshape(scores, {0, groups * top_n}),
                     expand(labels(graph, groups, top_n), shape_of(rows)), groups * top_n};
  const Value apart = with_group_offsets(reshape(c.boxes, {0, groups, top_n, 4}), valid, groups, 1);
  const Value kept = suppressed(reshape(apart, {-1, top_n, 4}), reshape(scores, {-1, 1, top_n}),
                                nms_spec(spec), kNoScore);
  return best_detections(c, reshape(kept, {-1, groups * top_n}), spec);
}

}  // namespace tv2onnx
