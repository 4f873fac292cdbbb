#include "rewrite/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "graph/ops.h"
#include "onnx/lower.h"

namespace tv2onnx {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// x -> Relu -> Exp -> y, and what a test adds.
class Check : public ::testing::Test {
 protected:
  Check() {
    const Value x = graph_.add_input("x", DType::kFloat32, {2});
    hidden_ = relu(x);
    graph_.add_output(exp(hidden_), "y", {2});
  }

  OnnxModel model() const { return lower(graph_); }

  Graph graph_{17};
  Value hidden_;
};

TEST_F(Check, ASoundModelHasNoProblems) {
  EXPECT_THAT(check(model()), IsEmpty());
}

TEST_F(Check, FindsAUseBeforeTheValueIsMade) {
  OnnxModel model = this->model();
  std::swap(model.graph.nodes.front(), model.graph.nodes.back());
  EXPECT_THAT(check(model), Contains("node Exp reads 'Relu' before it is made"));
}

TEST_F(Check, FindsAnOutputThatNothingMakes) {
  OnnxModel model = this->model();
  model.graph.nodes.pop_back();
  EXPECT_THAT(check(model), Contains("nothing makes the output 'y'"));
}

TEST_F(Check, FindsAReaderOfWhatNothingMakes) {
  OnnxModel model = this->model();
  model.graph.nodes.pop_front();
  EXPECT_THAT(check(model), ElementsAre("node Exp reads 'Relu', which nothing makes"));
}

TEST_F(Check, FindsANodeThatNothingUses) {
  sqrt(hidden_);
  EXPECT_THAT(check(model()), ElementsAre("nothing uses node Sqrt"));
}

TEST_F(Check, FindsANodeThatOnlyDeadNodesUse) {
  exp(sqrt(hidden_));
  EXPECT_THAT(check(model()), ElementsAre("nothing uses node Sqrt", "nothing uses node Exp_1"));
}

TEST_F(Check, FindsAValueThatIsMadeTwice) {
  OnnxModel model = this->model();
  OnnxNode again = model.graph.nodes.front();
  again.name = "again";
  model.graph.nodes.insert(std::next(model.graph.nodes.begin()), again);
  EXPECT_THAT(check(model), ElementsAre("node again makes 'Relu' again"));
}

TEST_F(Check, FindsAnInitialiserThatANodeMakesToo) {
  OnnxModel model = this->model();
  model.graph.initializers.push_back(
      stored_tensor("Relu", make_tensor({2}, std::vector<float>(2))));
  EXPECT_THAT(check(model), ElementsAre("node Relu makes 'Relu' again"));
}

TEST_F(Check, FindsNodesOfTheSameName) {
  OnnxModel model = this->model();
  model.graph.nodes.back().name = "Relu";
  EXPECT_THAT(check(model), ElementsAre("two nodes are called Relu"));
}

TEST_F(Check, FindsANodeWithoutName) {
  OnnxModel model = this->model();
  model.graph.nodes.back().name = "";
  EXPECT_THAT(check(model), ElementsAre("a node of type Exp has no name"));
}

TEST_F(Check, AnOutputThatIsDeclaredAgainIsAValueOfItsOwn) {
  graph_.add_output(hidden_, "h", {2});
  graph_.add_output(hidden_, "z", {2});
  EXPECT_EQ(model().graph.nodes.back().op, "Identity");
  EXPECT_THAT(check(model()), IsEmpty());
}

TEST_F(Check, AbsentInputsAreNoProblem) {
  graph_.add_output(resize_nearest(graph_.add_input("i", DType::kFloat32, {1, 1, 2, 2}),
                                   ints(graph_, {1, 1, 4, 4})),
                    "o", {1, 1, 4, 4});
  ASSERT_THAT(model().graph.nodes.back().inputs, Contains(""));
  EXPECT_THAT(check(model()), IsEmpty());
}

TEST_F(Check, CyclesAreTold) {
  EXPECT_FALSE(has_cycle(model()));
  OnnxModel model = this->model();
  std::swap(model.graph.nodes.front(), model.graph.nodes.back());
  EXPECT_FALSE(has_cycle(model));
  model.graph.nodes.back().inputs = {"y"};
  EXPECT_TRUE(has_cycle(model));
}

TEST(HasCycle, IsFastInTheWorstOrder) {
  OnnxModel model;
  constexpr int kNodes = 100'000;
  for (int k = kNodes; k > 0; --k) {
    OnnxNode node;
    node.op = "Abs";
    node.inputs = {std::to_string(k - 1)};
    node.outputs = {std::to_string(k)};
    model.graph.nodes.push_back(std::move(node));
  }
  EXPECT_FALSE(has_cycle(model));
  model.graph.nodes.back().inputs = {std::to_string(kNodes)};
  EXPECT_TRUE(has_cycle(model));
}

}  // namespace
}  // namespace tv2onnx
