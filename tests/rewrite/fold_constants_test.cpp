#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <iterator>
#include <sstream>

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

/// A constant that is one in the model only: the operations compute constants of a graph
/// themselves.
Value late(Graph& graph, const Tensor& value) {
  const Dims dims(value.shape.begin(), value.shape.end());
  const Value input = graph.add_input("late", DType::kInt64, dims);
  graph.metadata[input.name()] = fmt::format("{}", fmt::join(to_int64(value), " "));
  return input;
}
Value late(Graph& graph, Ints values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return late(graph, make_tensor({count}, std::move(values)));
}
Value late_scalar(Graph& graph, std::int64_t value) {
  return late(graph, make_tensor({}, Ints{value}));
}

/// The model with its constants.
OnnxModel settled(const Graph& graph) {
  OnnxModel model = lower(graph);
  std::erase_if(model.graph.inputs, [&](const OnnxValueInfo& input) {
    if (!input.name.starts_with("late")) return false;
    Shape shape;
    for (const OnnxValueInfo::Dim& dim : *input.dims) shape.push_back(dim.value);
    std::istringstream text(graph.metadata.at(input.name));
    Ints values{std::istream_iterator<std::int64_t>(text), {}};
    model.graph.initializers.push_back(
        stored_tensor(input.name, make_tensor(shape, std::move(values))));
    return true;
  });
  model.metadata.clear();
  return model;
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
  OnnxModel after = settled(before);
  EXPECT_GT(fold_constants(after).rewrites, 0U);
  EXPECT_THAT(operators(after), ElementsAre("Add")) << to_text(before);
  EXPECT_THAT(check(after), IsEmpty());
  const Tensor x = make_tensor(shape, Ints(static_cast<std::size_t>(element_count(shape)), 1000));
  const Tensor wanted = run_graph(settled(before), {x})[0];
  const Tensor found = run_graph(after, {x})[0];
  EXPECT_EQ(found.shape, wanted.shape) << to_text(before);
  EXPECT_EQ(to_int64(found), to_int64(wanted)) << to_text(before);
}

void expect_left_alone(const Build& build) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kInt64, {"n"});
  graph.add_output(x, "y", {"n"});
  graph.add_output(reshape(build(graph), {-1}), "z", {Dim()});
  OnnxModel model = settled(graph);
  const std::vector<std::string> before = operators(model);
  EXPECT_EQ(fold_constants(model).rewrites, 0U);
  EXPECT_EQ(operators(model), before);
}

TEST(FoldConstants, Arithmetic) {
  const Shape three{3};
  expect_folded([](Graph& g) { return late(g, {1, -2, 3}) + late(g, {10, 20, 30}); }, three);
  expect_folded([](Graph& g) { return late(g, {1, -2, 3}) - late(g, {10}); }, three);
  expect_folded([](Graph& g) { return late(g, {4}) * late(g, {1, -2, 3}); }, three);
  expect_folded([](Graph& g) { return late(g, {7, 8, 9}) / late(g, {2}); }, three);
  expect_folded([](Graph& g) { return (late(g, {5}) + late(g, {6})) * late(g, {7}); }, {1});
}

TEST(FoldConstants, ShapesFollowBroadcasting) {
  expect_folded([](Graph& g) { return late_scalar(g, 5) + late_scalar(g, 6); }, {});
  expect_folded([](Graph& g) { return late_scalar(g, 5) + late(g, {6}); }, {1});
  expect_folded([](Graph& g) { return late(g, {5}) - late_scalar(g, 6); }, {1});
  expect_folded([](Graph& g) { return late_scalar(g, 5) - late(g, {6, 7}); }, {2});
  expect_folded([](Graph& g) { return late(g, {6, 7}) * late_scalar(g, 5); }, {2});
}

TEST(FoldConstants, ShapeOperators) {
  expect_folded([](Graph& g) { return concat({late(g, {1, 2}), late(g, {3})}, 0); }, {3});
  expect_folded([](Graph& g) { return pick(late(g, {5, 6, 7}), {2, 0}, 0); }, {2});
  expect_folded([](Graph& g) { return gather(late(g, {5, 6, 7}), late_scalar(g, 1), 0); }, {});
  expect_folded([](Graph& g) { return squeeze(late(g, {5}), {0}); }, {});
  expect_folded([](Graph& g) { return unsqueeze(late_scalar(g, 5), {0}); }, {1});
}

TEST(FoldConstants, NegativeIndicesCountFromTheEnd) {
  expect_folded([](Graph& g) { return pick(late(g, {5, 6, 7}), {-1}, 0); }, {1});
}

TEST(FoldConstants, WhatWouldFailStaysForTheRuntimeToRefuse) {
  expect_left_alone([](Graph& g) { return late(g, {1}) / late(g, {0}); });
  expect_left_alone([](Graph& g) { return pick(late(g, {5}), {1}, 0); });
  expect_left_alone([](Graph& g) { return late(g, {INT64_MIN}) / late(g, {-1}); });
}

TEST(FoldConstants, OtherTypesAndOperatorsStay) {
  expect_left_alone([](Graph& g) { return floats(g, {1}) + floats(g, {2}); });
  expect_left_alone([](Graph& g) { return mod(late(g, {7}), late(g, {2})); });
  expect_left_alone([](Graph& g) { return unsqueeze(late(g, {1, 2}), {0}); });
  expect_left_alone([](Graph& g) { return unsqueeze(late(g, {1}), {0}); });
  expect_left_alone([](Graph& g) { return late(g, {INT64_MAX}) + late(g, {1}); });
}

TEST(FoldConstants, AnOutputStaysANode) {
  Graph graph(17);
  graph.add_output(late(graph, {1}) + late(graph, {2}), "y", {1});
  OnnxModel model = settled(graph);
  fold_constants(model);
  EXPECT_THAT(model.graph.nodes.back().outputs, ElementsAre("y"));
  EXPECT_THAT(check(model), IsEmpty());
  EXPECT_THAT(to_int64(run_graph(model, {})[0]), ElementsAre(3));
}

}  // namespace
}  // namespace tv2onnx
