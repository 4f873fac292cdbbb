#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "rewrite/check.h"
#include "rewrite/fold.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::operators;
using testing::run_graph;

using Ints = std::vector<std::int64_t>;
using Build = std::function<Value(Graph&)>;

Value scalar(Graph& graph, std::int64_t value) {
  return graph.add_constant(make_tensor({}, Ints{value}));
}

/// x + expression, so that the result is no constant itself.
void add_expression(Graph& graph, const Build& build, const Shape& shape) {
  const Value x = graph.add_input("x", DType::kInt64, Dims(shape.begin(), shape.end()));
  graph.add_output(x + build(graph), "y", Dims(shape.begin(), shape.end()));
}

/// Folds and expects the value that the runtime computes.
void expect_folded(const Build& build, const Shape& shape) {
  Graph before(17);
  add_expression(before, build, shape);
  OnnxModel after = lower(before);
  EXPECT_GT(fold_constants(after).rewrites, 0U);
  EXPECT_THAT(operators(after), ElementsAre("Add")) << to_text(before);
  EXPECT_THAT(check(after), IsEmpty());
  const Tensor x = make_tensor(shape, Ints(static_cast<std::size_t>(element_count(shape)), 1000));
  const Tensor wanted = run_graph(before, {x})[0];
  const Tensor found = run_graph(after, {x})[0];
  EXPECT_EQ(found.shape, wanted.shape) << to_text(before);
  EXPECT_EQ(to_int64(found), to_int64(wanted)) << to_text(before);
}

void expect_left_alone(const Build& build) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kInt64, {"n"});
  graph.add_output(x, "y", {"n"});
  graph.add_output(reshape(build(graph), {-1}), "z", {Dim()});
  OnnxModel model = lower(graph);
  const std::vector<std::string> before = operators(model);
  EXPECT_EQ(fold_constants(model).rewrites, 0U);
  EXPECT_EQ(operators(model), before);
}

TEST(FoldConstants, Arithmetic) {
  const Shape three{3};
  expect_folded([](Graph& g) { return ints(g, {1, -2, 3}) + ints(g, {10, 20, 30}); }, three);
  expect_folded([](Graph& g) { return ints(g, {1, -2, 3}) - ints(g, {10}); }, three);
  expect_folded([](Graph& g) { return ints(g, {4}) * ints(g, {1, -2, 3}); }, three);
  expect_folded([](Graph& g) { return ints(g, {7, 8, 9}) / ints(g, {2}); }, three);
  expect_folded([](Graph& g) { return (ints(g, {5}) + ints(g, {6})) * ints(g, {7}); }, {1});
}

TEST(FoldConstants, ShapesFollowBroadcasting) {
  expect_folded([](Graph& g) { return scalar(g, 5) + scalar(g, 6); }, {});
  expect_folded([](Graph& g) { return scalar(g, 5) + ints(g, {6}); }, {1});
  expect_folded([](Graph& g) { return ints(g, {5}) - scalar(g, 6); }, {1});
  expect_folded([](Graph& g) { return scalar(g, 5) - ints(g, {6, 7}); }, {2});
  expect_folded([](Graph& g) { return ints(g, {6, 7}) * scalar(g, 5); }, {2});
}

TEST(FoldConstants, ShapeOperators) {
  expect_folded([](Graph& g) { return concat({ints(g, {1, 2}), ints(g, {3})}, 0); }, {3});
  expect_folded([](Graph& g) { return pick(ints(g, {5, 6, 7}), {2, 0}, 0); }, {2});
  expect_folded([](Graph& g) { return gather(ints(g, {5, 6, 7}), scalar(g, 1), 0); }, {});
  expect_folded([](Graph& g) { return squeeze(ints(g, {5}), {0}); }, {});
  expect_folded([](Graph& g) { return unsqueeze(scalar(g, 5), {0}); }, {1});
}

TEST(FoldConstants, NegativeIndicesCountFromTheEnd) {
  expect_folded([](Graph& g) { return pick(ints(g, {5, 6, 7}), {-1}, 0); }, {1});
}

TEST(FoldConstants, WhatWouldFailStaysForTheRuntimeToRefuse) {
  expect_left_alone([](Graph& g) { return ints(g, {1}) / ints(g, {0}); });
  expect_left_alone([](Graph& g) { return pick(ints(g, {5}), {1}, 0); });
  expect_left_alone([](Graph& g) { return ints(g, {INT64_MIN}) / ints(g, {-1}); });
}

TEST(FoldConstants, OtherTypesAndOperatorsStay) {
  expect_left_alone([](Graph& g) { return floats(g, {1}) + floats(g, {2}); });
  expect_left_alone([](Graph& g) { return mod(ints(g, {7}), ints(g, {2})); });
  expect_left_alone([](Graph& g) { return unsqueeze(ints(g, {1, 2}), {0}); });
  expect_left_alone([](Graph& g) { return unsqueeze(ints(g, {1}), {0}); });
  expect_left_alone([](Graph& g) { return ints(g, {INT64_MAX}) + ints(g, {1}); });
}

TEST(FoldConstants, AnOutputStaysANode) {
  Graph graph(17);
  graph.add_output(ints(graph, {1}) + ints(graph, {2}), "y", {1});
  OnnxModel model = lower(graph);
  fold_constants(model);
  EXPECT_THAT(model.graph.nodes.back().outputs, ElementsAre("y"));
  EXPECT_THAT(check(model), IsEmpty());
  EXPECT_THAT(to_int64(run_graph(model, {})[0]), ElementsAre(3));
}

}  // namespace
}  // namespace tv2onnx
