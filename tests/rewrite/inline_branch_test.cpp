#include "rewrite/inline_branch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sketch.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using testing::Sketch;

/// Two Ifs whose branches use the same names inside.
Sketch with_two_ifs() {
  Sketch branch;
  branch.node("Abs", {"x"}, {"inner"}).node("Neg", {"inner"}, {"result"}).output("result");
  Sketch pass_on;
  pass_on.output("x");
  Sketch sketch;
  sketch.input("x", {{1, ""}}).input("c", {}, DType::kBool);
  for (const char* name : {"first", "second"}) {
    sketch.node("If", {"c"}, {name},
                {Sketch::branch("then_branch", branch), Sketch::branch("else_branch", pass_on)});
  }
  sketch.node("Add", {"first", "second"}, {"y"}).output("y");
  return sketch;
}

void inline_first(OnnxModel& model, const char* name) {
  View view(model);
  for (OnnxNode* node : view.nodes()) {
    if (node->op != "If") continue;
    Makers makers = count_makers(view);
    inline_branch(view, *node, *node->find(name)->graphs[0], makers);
    return;
  }
}

TEST(InlineBranch, KeepsNamesApart) {
  Sketch sketch = with_two_ifs();
  inline_first(sketch.model, "then_branch");
  inline_first(sketch.model, "then_branch");
  std::vector<std::string> made;
  for (const OnnxNode& node : sketch.model.graph.nodes) made.push_back(node.outputs[0]);
  ASSERT_EQ(made.size(), 5U);
  EXPECT_NE(made[0], made[2]);
  EXPECT_EQ(made[1], "first");
  EXPECT_EQ(made[3], "second");
  const auto add = sketch.model.graph.nodes.back();
  EXPECT_THAT(add.inputs, ElementsAre("first", "second"));
}

TEST(InlineBranch, NamesWhatComesFromOutside) {
  Sketch sketch = with_two_ifs();
  inline_first(sketch.model, "else_branch");
  const OnnxNode& copy = sketch.model.graph.nodes.front();
  EXPECT_EQ(copy.op, "Identity");
  EXPECT_THAT(copy.inputs, ElementsAre("x"));
  EXPECT_THAT(copy.outputs, ElementsAre("first"));
}

}  // namespace
}  // namespace tv2onnx
