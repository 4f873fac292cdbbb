#include "nn/detections.h"

#include <fmt/format.h>

#include <vector>

#include "graph/ops.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

constexpr double kLargestOfUnitRange = 1.5;  // a maximum above it means the range is 0..255

Value zero_where_not(Value valid, Value x) {
  return where(valid, x, scalar_like(x, 0));
}

void flat_outputs(const DetectionTable& table) {
  Graph& graph = *table.boxes.graph;
  const Value place = transpose(non_zero(table.valid), {1, 0});
  const char* n = "detections";
  graph.add_output(gather_nd(table.boxes, place), "boxes", {n, 4});
  const auto labels = [&] { graph.add_output(gather_nd(table.labels, place), "labels", {n}); };
  if (!table.scores_first) labels();
  graph.add_output(gather_nd(table.scores, place), "scores", {n});
  if (table.scores_first) labels();
  graph.add_output(squeeze(pick(place, {0}, 1), {1}), "batch_index", {n});
}

}  // namespace

Value detector_input(Graph& graph, InputMode mode, bool bgr, std::int64_t channels) {
  if (bgr && channels != 3) {
    throw Error({.code = "U002",
                 .found = fmt::format("BGR for images of {} channels", channels),
                 .where = {.item = "--bgr"},
                 .expected = "a model for images of 3 channels"});
  }
  const NameScope names(graph, "input");
  if (mode == InputMode::kUint8) {
    Value image = graph.add_input("input", DType::kUInt8, {"batch", "height", "width", channels});
    image = transpose(image, {0, 3, 1, 2});
    image = cast(image, DType::kFloat32) / 255.0;
    return bgr ? pick(image, {2, 1, 0}, 1) : image;
  }
  Value image = graph.add_input("input", DType::kFloat32, {"batch", channels, "height", "width"});
  if (mode == InputMode::kAuto) {
    const Value largest = reduce_max(image, {1, 2, 3}, true);
    const Value wide = greater(largest, scalar_like(largest, kLargestOfUnitRange));
    image = image / where(wide, scalar_like(image, 255), scalar_like(image, 1));
  }
  return bgr ? pick(image, {2, 1, 0}, 1) : image;
}

DetectionTable in_input_pixels(DetectionTable table, const TransformedImages& images) {
  // Factors as torchvision computes them, in float32.
  const Value ratio =
      cast(images.original_size, DType::kFloat32) / cast(images.size, DType::kFloat32);
  table.boxes = table.boxes * pick(ratio, {1, 0, 1, 0}, 0);
  return table;
}

void detector_outputs(const DetectionTable& table, OutputMode mode) {
  Graph& graph = *table.boxes.graph;
  const NameScope names(graph, "output");
  if (mode == OutputMode::kFlat) return flat_outputs(table);
  const Value count = reduce_sum(cast(table.valid, DType::kInt64), {1}, false);
  Dim rows = table.limit;
  DetectionTable shown = table;
  if (mode == OutputMode::kBatched) {
    rows = "detections";
    const Value most = reduce_max(count, {0}, true);
    for (Value* part : {&shown.boxes, &shown.labels, &shown.scores, &shown.valid}) {
      *part = slice_to(*part, 1, most);
    }
  }
  const Value valid = shown.valid;
  graph.add_output(zero_where_not(unsqueeze(valid, {2}), shown.boxes), "boxes", {"batch", rows, 4});
  graph.add_output(zero_where_not(valid, shown.labels), "labels", {"batch", rows});
  graph.add_output(zero_where_not(valid, shown.scores), "scores", {"batch", rows});
  graph.add_output(count, "num_detections", {"batch"});
}

}  // namespace tv2onnx
