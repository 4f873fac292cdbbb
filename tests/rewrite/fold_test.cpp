#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "onnx/write.h"
#include "rewrite/check.h"
#include "rewrite/fold.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using testing::expect_near;
using ::testing::IsEmpty;
using testing::operators;
using testing::random_tensor;
using testing::run_graph;
using ::testing::SizeIs;

/// A stem as detectors have it: factor, convolution, normalisation, and a computed shape.
void build(Graph& graph) {
  const Value x = graph.add_input("x", DType::kFloat32, {"n", 3, "h", "w"});
  const Value weight = graph.add_weight("w", random_tensor({4, 3, 1, 1}, -1, 1, 1));
  const Value one = graph.add_weight("one", random_tensor({4}, 0.5, 2, 2));
  const Value y =
      batch_normalization(conv(x * graph.add_constant(random_tensor({1, 3, 1, 1}, 1, 5, 3)), weight,
                               {}, {.kernel = {1, 1}}),
                          one, one, one, one, 1e-3F);
  // As a file may have it: the operations compute what is constant while the graph is built.
  const Value four = graph.emit("Mul", {ints(graph, {2}), ints(graph, {2})}, {{DType::kInt64}})[0];
  const Value shape = concat({ints(graph, {-1}), four}, 0);
  graph.add_output(reshape_to(transpose(y, {0, 2, 3, 1}), shape), "y", {Dim(), 4});
}

TEST(FoldAll, AppliesAllAndKeepsTheResult) {
  Graph before(17);
  build(before);
  OnnxModel after = lower(before);
  const FoldReport report = fold_all(after);
  EXPECT_GE(report.rewrites, 4U);
  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_THAT(operators(after), ElementsAre("Conv", "Transpose", "Reshape"));
  EXPECT_THAT(check(after), IsEmpty());
  EXPECT_THAT(after.graph.initializers, SizeIs(3));  // weight, bias, shape
  const Tensor x = random_tensor({2, 3, 4, 5}, -1, 1, 4);
  expect_near(run_graph(after, {x})[0], run_graph(before, {x})[0], 2e-5F);
}

TEST(FoldAll, ASecondRunChangesNothing) {
  Graph graph(17);
  build(graph);
  OnnxModel model = lower(graph);
  fold_all(model);
  const std::vector<std::byte> bytes = write_onnx(model, WriteOptions());
  EXPECT_EQ(fold_all(model).rewrites, 0U);
  EXPECT_EQ(write_onnx(model, WriteOptions()), bytes);
}

}  // namespace
}  // namespace tv2onnx
