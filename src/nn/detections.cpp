#include "nn/detections.h"

#include <fmt/format.h>

#include <numeric>
#include <vector>

#include "graph/ops.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr double kLargestOfUnitRange = 1.5;  // a maximum above it means the range is 0..255

Value zero_where_not(Value valid, Value x) {
  return where(valid, x, scalar_like(x, 0));
}

/// Image and row of each detection, int64 [detections, 2].
Value places(const DetectionTable& table) {
  return transpose(non_zero(table.valid), {1, 0});
}

Dims joined(Dims first, const Dims& rest) {
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

void flat_outputs(const DetectionTable& table, const std::vector<DetectionPart>& parts) {
  const Value place = places(table);
  Graph& graph = *table.boxes.graph;
  const char* n = "detections";
  graph.add_output(gather_nd(table.boxes, place), "boxes", {n, 4});
  const auto labels = [&] { graph.add_output(gather_nd(table.labels, place), "labels", {n}); };
  if (!table.scores_first) labels();
  graph.add_output(gather_nd(table.scores, place), "scores", {n});
  if (table.scores_first) labels();
  for (const DetectionPart& part : parts) {
    graph.add_output(part.rows, part.name, joined({n}, part.dims));
  }
  graph.add_output(squeeze(pick(place, {0}, 1), {1}), "batch_index", {n});
}

/// Per image, as the boxes are: zeros where there is no detection.
Value part_by_image(const DetectionPart& part, const DetectionTable& table, Value rows) {
  const Value shape = concat(
      {size_of(table.valid, 0), rows, slice(shape_of(part.rows), {.axis = 0, .start = 1})}, 0);
  if (!table.constant_counts) {
    return scatter_nd(fill(shape, 0, part.rows.dtype()), places(table), part.rows);
  }
  std::vector<std::int64_t> axes(part.dims.size());
  std::iota(axes.begin(), axes.end(), 2);
  return zero_where_not(unsqueeze(table.valid, std::move(axes)), reshape_to(part.rows, shape));
}

}  // namespace

Value unit_planes(Value input, InputMode mode) {
  const auto rank = static_cast<std::int64_t>(input.graph->info(input.id).dims->size());
  if (mode == InputMode::kUint8) return cast(byte_planes(input), DType::kFloat32) / 255.0;
  if (mode != InputMode::kAuto) return input;
  const Value largest = reduce_max(input, {rank - 3, rank - 2, rank - 1}, true);
  const Value wide = greater(largest, scalar_like(largest, kLargestOfUnitRange));
  return input / where(wide, scalar_like(input, 255), scalar_like(input, 1));
}

Value detector_input(Graph& graph, InputMode mode, bool bgr, std::int64_t channels,
                     const ImageShape& shape) {
  const NameScope names(graph, "input");
  return as_rgb(unit_planes(image_input(graph, mode, bgr, channels, shape), mode), bgr);
}

std::int64_t foreground_classes(std::int64_t classes, const std::string& weight) {
  if (classes > 1) return classes - 1;
  throw Error(
      {.code = "W003",
       .found = "the only class is the background, so this model finds nothing in any image",
       .where = {.item = weight},
       .expected = "at least two classes",
       .hint = "train with num_classes = your classes + 1, as the background counts"});
}

DetectionTable in_input_pixels(DetectionTable table, const TransformedImages& images) {
  const NameScope names(*table.boxes.graph, "output");
  table.boxes = table.boxes * pick(input_pixels(images), {1, 0, 1, 0}, 0);
  return table;
}

void detector_outputs(const DetectionTable& table, OutputMode mode,
                      const std::vector<DetectionPart>& parts) {
  Graph& graph = *table.boxes.graph;
  const NameScope names(graph, "output");
  if (mode == OutputMode::kFlat) return flat_outputs(table, parts);
  const Value count = reduce_sum(cast(table.valid, DType::kInt64), {1}, false);
  const Dim known = graph.info(graph.inputs().front()).dims->front();
  const Dim batch = known.is_number() ? known : Dim("batch");
  Dim rows = table.limit;
  Value row_count = ints(graph, {table.limit});
  DetectionTable shown = table;
  if (mode == OutputMode::kBatched) {
    rows = "detections";
    row_count = reduce_max(count, {0}, true);
    for (Value* part : {&shown.boxes, &shown.labels, &shown.scores, &shown.valid}) {
      *part = slice_to(*part, 1, row_count);
    }
  }
  const Value valid = shown.valid;
  graph.add_output(zero_where_not(unsqueeze(valid, {2}), shown.boxes), "boxes", {batch, rows, 4});
  graph.add_output(zero_where_not(valid, shown.labels), "labels", {batch, rows});
  graph.add_output(zero_where_not(valid, shown.scores), "scores", {batch, rows});
  for (const DetectionPart& part : parts) {
    graph.add_output(part_by_image(part, table, row_count), part.name,
                     joined({batch, rows}, part.dims));
  }
  graph.add_output(count, "num_detections", {batch});
}

}  // namespace tv2onnx
