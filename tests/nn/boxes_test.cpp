#include "nn/boxes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "graph/ops.h"
#include "support/golden.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAreArray;
using testing::expect_near;
using testing::Golden;
using testing::kOpsets;
using testing::run_graph;

Tensor repeated(const Tensor& tensor, Shape shape) {
  std::vector<float> values;
  const std::vector<float> once = to_float(tensor);
  const auto count = static_cast<std::size_t>(element_count(shape));
  while (values.size() < count) values.insert(values.end(), once.begin(), once.end());
  return make_tensor(std::move(shape), std::move(values));
}

Tensor reshaped(Tensor tensor, Shape shape) {
  tensor.shape = std::move(shape);
  return tensor;
}

TEST(Boxes, DecodeAsBoxCoder) {
  const Golden golden("elementwise");
  for (const int opset : kOpsets) {
    for (const auto& [name, weights] :
         {std::pair("ones", BoxWeights{1, 1, 1, 1}), std::pair("head", BoxWeights{10, 10, 5, 5})}) {
      Graph graph(opset);
      const Value references = graph.add_input("references", DType::kFloat32, {"n", 4});
      const Value deltas = graph.add_input("deltas", DType::kFloat32, {"n", 4});
      graph.add_output(decode_boxes(references, deltas, weights, 2), "boxes", {"n", 4});
      const auto found = run_graph(graph, {golden["decode.references"], golden["decode.deltas"]});
      expect_near(found[0], golden[std::string("decode.") + name], 1e-6F);
    }
  }
}

TEST(Boxes, DecodeBroadcastsReferencesOverClasses) {
  const Golden golden("elementwise");
  Graph graph(17);
  const Value references = graph.add_input("references", DType::kFloat32, {1, 1, 60, 4});
  const Value deltas = graph.add_input("deltas", DType::kFloat32, {1, 3, 60, 4});
  graph.add_output(decode_boxes(references, deltas, {10, 10, 5, 5}, 4), "boxes", {1, 3, 60, 4});
  const auto found = run_graph(graph, {reshaped(golden["decode.references"], {1, 1, 60, 4}),
                                       repeated(golden["decode.deltas"], {1, 3, 60, 4})});
  expect_near(found[0], repeated(golden["decode.head"], {1, 3, 60, 4}), 1e-6F);
}

TEST(Boxes, DecodeDistancesAsBoxLinearCoder) {
  const Golden golden("dense_parts");
  Graph graph(17);
  const Value references = graph.add_input("references", DType::kFloat32, {"n", 4});
  const Value distances = graph.add_input("distances", DType::kFloat32, {"n", 4});
  graph.add_output(decode_distances(references, distances, 2), "boxes", {"n", 4});
  const auto found = run_graph(graph, {golden["distances.references"], golden["distances.input"]});
  expect_near(found[0], golden["distances.expected"], 1e-6F);
}

TEST(Boxes, ClipAsClipBoxesToImage) {
  const Golden golden("elementwise");
  for (const int opset : kOpsets) {
    Graph graph(opset);
    const Value boxes = graph.add_input("boxes", DType::kFloat32, {"n", 4});
    const Value size = graph.add_input("size", DType::kInt64, {2});
    graph.add_output(clip_boxes(boxes, size), "clipped", {"n", 4});
    const auto found = run_graph(graph, {golden["clip.boxes"], golden["clip.size"]});
    expect_near(found[0], golden["clip.expected"], 0);
  }
}

TEST(Boxes, SmallBoxesAsRemoveSmallBoxes) {
  const Golden golden("elementwise");
  for (const int opset : kOpsets) {
    for (const auto& [name, side] : {std::pair("rpn", 1e-3), std::pair("head", 1e-2)}) {
      Graph graph(opset);
      const Value boxes = graph.add_input("boxes", DType::kFloat32, {"n", 4});
      graph.add_output(is_large_enough(boxes, side, 2), "large", {"n"});
      const std::string key = std::string("small.") + name;
      const auto found = run_graph(graph, {golden[key + ".boxes"]});
      EXPECT_THAT(to_int64(found[0]), ElementsAreArray(to_int64(golden[key + ".expected"])));
    }
  }
}

TEST(Boxes, FlatRowsCountFromTheImagesOwnTable) {
  Graph graph(17);
  const Value index = graph.add_input("index", DType::kInt64, {"batch", "n"});
  graph.add_output(flat_rows(index, ints(graph, {100})), "rows", {"batch", "n"});
  const Tensor x = make_tensor({2, 3}, std::vector<std::int64_t>{0, 5, 99, 0, 5, 99});
  EXPECT_THAT(to_int64(run_graph(graph, {x})[0]), ElementsAreArray({0, 5, 99, 100, 105, 199}));
}

/// The graph of batched_nms for all images: [selected, 3] of (image * groups + group, 0, box).
Graph& suppression_graph(Graph& graph, std::int64_t groups, std::int64_t count) {
  const Dims dims{"batch", groups, count};
  const Value boxes = graph.add_input("boxes", DType::kFloat32, {"batch", groups, count, 4});
  const Value scores = graph.add_input("scores", DType::kFloat32, dims);
  const Value candidates = graph.add_input("candidates", DType::kBool, dims);
  const Value apart = with_group_offsets(boxes, candidates, groups, 0);
  const Value counted = where(candidates, scores, scalar_like(scores, -1));
  const Value selected = non_max_suppression(
      reshape(apart, {-1, count, 4}), reshape(counted, {-1, 1, count}),
      {.max_per_class = count, .iou_threshold = 0.5F, .score_threshold = -0.5F});
  graph.add_output(selected, "selected", {Dim(), 3});
  return graph;
}

TEST(Boxes, SuppressionAsBatchedNms) {
  const Golden golden("suppression");
  for (const std::string name : {"few", "many", "mixed", "ties"}) {
    const Tensor& kept = golden[name + ".kept"];
    const std::vector<std::int64_t> wanted = to_int64(kept);
    for (const int opset : kOpsets) {
      Graph graph(opset);
      suppression_graph(graph, kept.shape[1], kept.shape[2]);
      const auto selected =
          to_int64(run_graph(graph, {golden[name + ".boxes"], golden[name + ".scores"],
                                     golden[name + ".candidates"]})[0]);
      std::vector<std::int64_t> found(wanted.size());
      for (std::size_t k = 0; k < selected.size(); k += 3) {
        found[static_cast<std::size_t>(selected[k] * kept.shape[2] + selected[k + 2])] += 1;
      }
      EXPECT_EQ(found, wanted) << name << ", opset " << opset;
      EXPECT_GT(std::ranges::count(wanted, 1), 50) << name;
    }
  }
}

}  // namespace
}  // namespace tv2onnx
