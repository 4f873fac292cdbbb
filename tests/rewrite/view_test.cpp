#include "rewrite/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/sketch.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::Sketch;

/// x -> Abs -> a -> Neg -> y, and a branch that reads a too.
Sketch chain() {
  Sketch branch;
  branch.node("Sqrt", {"a"}, {"root"}).output("root");
  Sketch sketch;
  sketch.input("x", {{1, ""}})
      .input("c", {}, DType::kBool)
      .constant("w", make_tensor({1}, std::vector<float>{2}))
      .node("Abs", {"x"}, {"a"})
      .node("Neg", {"a"}, {"y"})
      .node("If", {"c"}, {"z"},
            {Sketch::branch("then_branch", branch), Sketch::branch("else_branch", branch)})
      .output("y")
      .output("z");
  return sketch;
}

TEST(View, FreshNamesAreThoseOfNothing) {
  Sketch sketch = chain();
  View view(sketch.model);
  EXPECT_EQ(view.fresh_name("new"), "new");
  EXPECT_EQ(view.fresh_name("new"), "new_1");
  for (const char* taken : {"x", "w", "a", "y", "root"}) {
    EXPECT_EQ(view.fresh_name(taken), std::string(taken) + "_1");
  }
}

TEST(View, ReadersInBranchesCount) {
  Sketch sketch = chain();
  View view(sketch.model);
  EXPECT_EQ(view.read_count("a"), 3U);
  EXPECT_EQ(view.read_count("y"), 1U);
  view.replace_readers("a", "x");
  EXPECT_EQ(view.read_count("a"), 0U);
  EXPECT_EQ(view.read_count("x"), 4U);
  const auto& inner = sketch.model.graph.nodes.back().attributes[0].graphs[0]->nodes.front();
  EXPECT_THAT(inner.inputs, ElementsAre("x"));
}

TEST(View, KeepsTrueThroughItsEdits) {
  Sketch sketch = chain();
  View view(sketch.model);
  OnnxNode& neg = *view.producer("y");
  std::list<OnnxNode> exp(1);
  exp.front().op = "Exp";
  exp.front().inputs = {"a"};
  exp.front().outputs = {"e"};
  view.insert(neg, std::move(exp));
  view.set_input(neg, 0, "e");
  EXPECT_EQ(view.producer("e")->op, "Exp");
  EXPECT_THAT(view.readers("e", "Neg"), ElementsAre(&neg));
  EXPECT_THAT(view.readers("a", "Neg"), IsEmpty());
  EXPECT_EQ(std::next(sketch.model.graph.nodes.begin())->op, "Exp");
  const std::string name = view.add_constant("w", make_tensor({}, std::vector<float>{7}));
  EXPECT_EQ(name, "w_1");
  EXPECT_EQ(view.number(name), 7);
}

TEST(View, AnOutputKeepsItsNameWhenAnotherNodeTakesItsPlace) {
  Sketch sketch = chain();
  View view(sketch.model);
  OnnxNode& abs = *view.producer("a");
  OnnxNode& neg = *view.producer("y");
  view.take_place(neg, abs);
  EXPECT_THAT(abs.outputs, ElementsAre("y"));
  EXPECT_EQ(view.producer("y"), &abs);
  EXPECT_THAT(sketch.model.graph.outputs, SizeIs(2));
  EXPECT_EQ(sketch.model.graph.outputs[0].name, "y");
}

}  // namespace
}  // namespace tv2onnx
