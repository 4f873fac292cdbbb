#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "graph/ops.h"
#include "tv2onnx/graph.h"

namespace tv2onnx {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// x -> Relu -> Exp -> y
class Check : public ::testing::Test {
 protected:
  Check() {
    x_ = graph_.add_input("x", DType::kFloat32, {2});
    hidden_ = relu(x_);
    y_ = exp(hidden_);
    graph_.add_output(y_, "y", {2});
  }

  std::vector<Node>& nodes() { return graph_.mutable_nodes(); }

  Graph graph_{17};
  Value x_;
  Value hidden_;
  Value y_;
};

TEST_F(Check, ASoundGraphHasNoProblems) {
  EXPECT_THAT(check(graph_), IsEmpty());
}

TEST_F(Check, FindsAUseBeforeTheValueIsMade) {
  std::swap(nodes()[0], nodes()[1]);
  EXPECT_THAT(check(graph_), Contains("node Exp reads 'Relu' before it is produced"));
}

TEST_F(Check, FindsAnOutputThatNothingMakes) {
  nodes().pop_back();
  EXPECT_THAT(check(graph_), Contains("nothing produces the output 'y'"));
}

TEST_F(Check, FindsANodeThatNothingUses) {
  sqrt(hidden_);
  EXPECT_THAT(check(graph_), ElementsAre("nothing uses node Sqrt"));
}

TEST_F(Check, FindsANodeThatOnlyDeadNodesUse) {
  exp(sqrt(hidden_));
  EXPECT_THAT(check(graph_), ElementsAre("nothing uses node Sqrt", "nothing uses node Exp_1"));
}

TEST_F(Check, FindsAValueThatIsMadeTwice) {
  Node again = nodes()[0];
  again.name = "again";
  nodes().insert(nodes().begin() + 1, again);
  EXPECT_THAT(check(graph_), ElementsAre("node again produces 'Relu' again"));
}

TEST_F(Check, FindsAnInitialiserThatANodeMakesToo) {
  const Value w = graph_.add_weight("w", make_tensor({2}, std::vector<float>(2)));
  nodes()[0].outputs[0] = w.id;
  nodes()[1].inputs[0] = w.id;
  EXPECT_THAT(check(graph_), ElementsAre("node Relu produces 'w' again"));
}

TEST_F(Check, FindsNodesOfTheSameName) {
  nodes()[1].name = "Relu";
  EXPECT_THAT(check(graph_), ElementsAre("two nodes are called Relu"));
}

TEST_F(Check, FindsANodeWithoutName) {
  nodes()[1].name = "";
  EXPECT_THAT(check(graph_), ElementsAre("a node of type Exp has no name"));
}

TEST_F(Check, AnOutputThatIsDeclaredAgainIsAValueOfItsOwn) {
  graph_.add_output(y_, "z", {2});
  EXPECT_EQ(nodes().back().op, "Identity");
  EXPECT_THAT(check(graph_), IsEmpty());
}

TEST_F(Check, AbsentInputsAreNoProblem) {
  graph_.add_output(resize_nearest(graph_.add_input("i", DType::kFloat32, {1, 1, 2, 2}),
                                   ints(graph_, {1, 1, 4, 4})),
                    "o", {1, 1, 4, 4});
  ASSERT_THAT(nodes().back().inputs, Contains(kAbsent));
  EXPECT_THAT(check(graph_), IsEmpty());
}

}  // namespace
}  // namespace tv2onnx
