#include "rewrite/edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(Edit, PutsAnAttributeInThePlaceOfOne) {
  OnnxNode node;
  set_attribute(node, integer_attribute("axis", 1));
  set_attribute(node, integer_attribute("axis", 2));
  EXPECT_EQ(node.attributes.size(), 1U);
  EXPECT_EQ(node.integer("axis", 0), 2);
}

}  // namespace
}  // namespace tv2onnx
