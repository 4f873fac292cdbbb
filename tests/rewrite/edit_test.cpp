#include "rewrite/edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "onnx/pieces.h"
#include "onnx/wire.h"
#include "support/sketch.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using testing::Sketch;

std::vector<std::string> ops(const OnnxGraph& graph) {
  std::vector<std::string> names;
  for (const OnnxNode& node : graph.nodes) names.push_back(node.op);
  return names;
}

TEST(Edit, RemovesWhatNoOutputNeedsInAnyOrderOfNodes) {
  Sketch branch;
  branch.node("Add", {"x", "captured"}, {"sum"}).output("sum");
  Sketch sketch;
  sketch.input("x", {{1, ""}})
      .input("c", {}, DType::kBool)
      .constant("weight", make_tensor({1}, std::vector<float>{1}))
      .constant("unused", make_tensor({1}, std::vector<float>{2}))
      .node("If", {"c"}, {"y"},
            {Sketch::branch("then_branch", branch), Sketch::branch("else_branch", branch)})
      .node("Neg", {"weight"}, {"captured"})  // behind its reader
      .node("Abs", {"x"}, {"dead"})
      .output("y");
  EXPECT_EQ(remove_dead(sketch.model), 1U);
  EXPECT_THAT(ops(sketch.model.graph), ElementsAre("If", "Neg"));
  EXPECT_EQ(sketch.model.graph.initializers.size(), 1U);
}

TEST(Edit, ExchangesNames) {
  Sketch sketch;
  sketch.input("x", {{1, ""}})
      .node("Abs", {"x"}, {"a"})
      .node("Neg", {"a"}, {"b"})
      .output("a")
      .output("b");
  rename_values(sketch.model.graph, {{"a", "b"}, {"b", "a"}});
  EXPECT_THAT(sketch.model.graph.nodes.front().outputs, ElementsAre("b"));
  EXPECT_THAT(sketch.model.graph.nodes.back().inputs, ElementsAre("b"));
  EXPECT_EQ(sketch.model.graph.outputs[0].name, "b");
}

/// Elements of a weight in any form: products in double, rounded once, made again at each turn.
TEST(Edit, MultipliesRowsOfWeightsWhereverTheyAre) {
  const std::vector<float> numbers{1.1F, -3, 0.5F, 7};
  const std::vector<double> factors{1.0 / 3, -2};
  std::vector<float> products;
  for (std::size_t k = 0; k < 4; ++k) {
    products.push_back(static_cast<float>(numbers[k] * factors[k / 2]));
  }
  Tensor columns = make_tensor({2, 2}, std::vector<float>{1.1F, 0.5F, -3, 7});
  columns.strides = {1, 2};
  const auto doubles = make_tensor({2, 2}, std::vector<double>(numbers.begin(), numbers.end()));
  for (const Tensor& tensor : {make_tensor({2, 2}, numbers), columns, doubles}) {
    OnnxTensor stored = stored_tensor("w", tensor, 1);
    multiply_rows(stored, factors);
    EXPECT_EQ(stored.byte_size(), 16U);
    EXPECT_EQ(to_float(*stored.tensor()), products);
    Pieces written;
    written.add(stored);
    EXPECT_EQ(written.flat(), wire::text_of(std::as_bytes(std::span(products))));
    multiply_rows(stored, {1, 0.5});
    products[2] *= 0.5F;
    products[3] *= 0.5F;
    EXPECT_EQ(to_float(*stored.tensor()), products);
    products[2] *= 2;
    products[3] *= 2;
  }
}

TEST(Edit, PutsAnAttributeInThePlaceOfOne) {
  OnnxNode node;
  set_attribute(node, integer_attribute("axis", 1));
  set_attribute(node, integer_attribute("axis", 2));
  EXPECT_EQ(node.attributes.size(), 1U);
  EXPECT_EQ(node.integer("axis", 0), 2);
}

}  // namespace
}  // namespace tv2onnx
