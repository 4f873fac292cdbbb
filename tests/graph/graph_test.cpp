#include "tv2onnx/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "support/errors.h"

namespace tv2onnx {
namespace {

using testing::code_of;
using ::testing::ElementsAre;

Tensor ones(Shape shape) {
  const auto count = static_cast<std::size_t>(element_count(shape));
  return make_tensor(std::move(shape), std::vector<float>(count, 1.0F));
}

std::vector<std::string> node_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes()) names.push_back(node.name);
  return names;
}

TEST(Dim, NumbersSymbolsAndUnknownAreApart) {
  EXPECT_TRUE(Dim(std::int64_t{0}).is_number());
  EXPECT_FALSE(Dim("batch").is_number());
  EXPECT_FALSE(Dim().is_number());
  EXPECT_EQ(Dim("batch").number(), -1);
  EXPECT_NE(Dim("batch"), Dim("height"));
  EXPECT_NE(Dim("batch"), Dim());
  EXPECT_EQ(Dim(), Dim());
}

TEST(Graph, SupportsOpsets11To21) {
  EXPECT_EQ(code_of([] { Graph(10); }), "U002");
  EXPECT_EQ(code_of([] { Graph(22); }), "U002");
  EXPECT_EQ(Graph(11).opset(), 11);
  EXPECT_EQ(Graph(21).opset(), 21);
}

TEST(Graph, NodesAreNamedByScopeAndNumbered) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {2});
  {
    const NameScope outer(graph, "a.b");
    relu(x);
    {
      const NameScope inner(graph, "c");
      relu(x);
    }
    relu(x);
  }
  relu(x);
  EXPECT_THAT(node_names(graph), ElementsAre("a.b/Relu", "c/Relu", "a.b/Relu_1", "Relu"));
}

TEST(Graph, FurtherOutputsOfANodeHaveTheirOwnNames) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {1, 4});
  const TopK best = top_k(x, ints(graph, {2}), 1);
  EXPECT_EQ(best.values.name(), "TopK");
  EXPECT_EQ(best.indices.name(), "TopK:1");
}

TEST(Graph, ANameIsNeverGivenTwice) {
  Graph graph(17);
  const Value x = graph.add_input("Relu", DType::kFloat32, {2});
  EXPECT_EQ(relu(x).name(), "Relu_1");
  const Value again = graph.add_input("Relu_2", DType::kFloat32, {2});
  EXPECT_EQ(relu(again).name(), "Relu_3");
}

TEST(Graph, AWeightIsOneValueHoweverOftenItIsAskedFor) {
  Graph graph(17);
  const Value a = graph.add_weight("w", ones({2}));
  const Value b = graph.add_weight("w", ones({2}));
  EXPECT_EQ(a.id, b.id);
  EXPECT_NE(graph.add_weight("v", ones({2})).id, a.id);
  EXPECT_THAT(graph.initializers(), ElementsAre(a.id, a.id + 1));
}

TEST(Graph, FloatingWeightsAreFloat32AndOthersKeepTheirType) {
  Graph graph(17);
  EXPECT_EQ(graph.add_weight("d", make_tensor({1}, std::vector<double>{1})).dtype(),
            DType::kFloat32);
  EXPECT_EQ(graph.add_weight("i", make_tensor({1}, std::vector<std::int64_t>{1})).dtype(),
            DType::kInt64);
  EXPECT_EQ(graph.add_constant(make_tensor({1}, std::vector<double>{1})).dtype(), DType::kFloat64);
}

TEST(Graph, EqualConstantsAreOneValue) {
  Graph graph(17);
  const Value one = ints(graph, {1});
  EXPECT_EQ(ints(graph, {1}).id, one.id);
  EXPECT_NE(ints(graph, {2}).id, one.id);
  EXPECT_NE(ints(graph, {1, 1}).id, one.id);
  EXPECT_NE(constant(graph, make_tensor({}, std::vector<std::int64_t>{1})).id, one.id);
  EXPECT_NE(floats(graph, {1}).id, floats(graph, {-1}).id);
  EXPECT_NE(floats(graph, {0.0F}).id, floats(graph, {-0.0F}).id);
}

TEST(Graph, AnOutputTakesItsNameAndDims) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {"batch", 3});
  const Value y = relu(x);
  graph.add_output(y, "boxes", {"batch", 3});
  EXPECT_EQ(y.name(), "boxes");
  EXPECT_EQ(graph.nodes()[0].name, "Relu");
  EXPECT_THAT(graph.outputs(), ElementsAre(y.id));
}

TEST(Graph, InputsAndWeightsThatAreOutputsKeepTheirNames) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {2});
  const Value w = graph.add_weight("w", ones({2}));
  graph.add_output(x, "y", {2});
  graph.add_output(w, "z", {2});
  EXPECT_EQ(x.name(), "x");
  EXPECT_EQ(w.name(), "w");
  EXPECT_EQ(graph.info(graph.outputs()[0]).name, "y");
  EXPECT_EQ(graph.info(graph.outputs()[1]).name, "z");
}

TEST(Graph, AnUnknownShapeHasUnknownDims) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {"n", 4});
  EXPECT_EQ(x.dim(0), Dim("n"));
  EXPECT_EQ(x.dim(7), Dim());
  EXPECT_EQ(gather(x, ints(graph, {0}), 0).dim(0), Dim(1));
  EXPECT_EQ(expand(x, graph.add_input("shape", DType::kInt64, {2})).dim(0), Dim());
  EXPECT_FALSE(Value());
}

}  // namespace
}  // namespace tv2onnx
