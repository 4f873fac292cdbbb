#include "nn/detection_list.h"

#include "graph/ops.h"
#include "nn/computed_parts.h"

namespace tv2onnx {

DetectionList list_detections(const DetectionTable& table) {
  Graph& graph = *table.boxes.graph;
  const NameScope names(graph, "detections");
  if (table.constant_counts) {
    return {rois_of(table.boxes, ints(graph, {table.limit})), reshape(table.labels, {-1}), {}};
  }
  const Value place = transpose(non_zero(table.valid), {1, 0});
  const Value one = ints(graph, {1});
  const Value missing = one - minimum(size_of(place, 0), one);
  const Value filler = fill(concat({missing, ints(graph, {2})}, 0), 0, DType::kInt64);
  const Value rows = concat({place, filler}, 0);
  return {{reshape(gather_nd(table.boxes, rows), {-1, 4}), reshape(pick(rows, {0}, 1), {-1})},
          gather_nd(table.labels, rows),
          place};
}

Value real(Value rows, const DetectionList& list) {
  if (!list.place) return rows;
  const NameScope names(*rows.graph, "detections");
  return slice_to(rows, 0, size_of(list.place, 0));
}

Value pooled_features(Scope s, const std::vector<FeatureMap>& maps, const DetectionList& list,
                      const RoiPoolSpec& spec) {
  const NameScope names(s.graph(), s.prefix());
  computes_roi_align(s, maps);
  RoiPoolSpec pool = spec;
  pool.constant_counts = !list.place;
  const PooledRois pooled = pool_rois(maps, list.rois, pool);
  const Value features = in_proposal_order(pooled.features, pooled);
  return reshape(features,
                 {-1, maps.front().x.dim(1).number(), spec.output_height, spec.output_width});
}

}  // namespace tv2onnx
