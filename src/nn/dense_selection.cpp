#include "nn/dense_selection.h"

#include "nn/boxes.h"

namespace tv2onnx {

Value is_candidate(Value scores) {
  return greater(scores, scalar_like(scores, kNoScore / 2));
}

NmsSpec nms_spec(const DenseSpec& spec) {
  return {.max_per_class = spec.detections_per_img,
          .iou_threshold = spec.nms_thresh,
          .score_threshold = static_cast<float>(kNoScore / 2)};
}

Value rows_of(const std::vector<DensePrediction>& levels, Value DensePrediction::*map,
              std::int64_t columns) {
  std::vector<Value> rows;
  for (const DensePrediction& level : levels) {
    rows.push_back(reshape(transpose(level.*map, {0, 2, 3, 1}), {0, -1, columns}));
  }
  return concat(rows, 1);
}

DetectionTable best_detections(const Candidates& c, Value kept, const DenseSpec& spec) {
  Graph& graph = *c.boxes.graph;
  const std::int64_t limit = spec.detections_per_img;
  const TopK best = top_k(with_filler(kept, limit, kNoScore), ints(graph, {limit}), 1);
  const Value place = minimum(best.indices, ints(graph, {c.count - 1}));
  const Value rows = flat_rows(place, ints(graph, {c.count}));
  return {.boxes = gather(reshape(c.boxes, {-1, 4}), rows, 0),
          .labels = gather_elements(c.labels, place, 1),
          .scores = best.values,
          .valid = is_candidate(best.values),
          .limit = limit,
          .scores_first = true};
}

}  // namespace tv2onnx
