#include "onnx/arity.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/onnx_checker.h"
#include "support/sketch.h"

namespace tv2onnx {
namespace {

using ::testing::IsEmpty;
using testing::Sketch;

std::vector<std::string> found_in(const Sketch& sketch) {
  std::vector<std::string> found;
  for (const ArityProblem& problem : find_arity_problems(sketch.model)) {
    found.push_back(problem.node->op + " " + problem.found);
  }
  return found;
}

TEST(Arity, DependsOnTheOpset) {
  EXPECT_THAT(found_in(Sketch(9).node("Slice", {"x"}, {"y"})), IsEmpty());
  EXPECT_THAT(found_in(Sketch(11).node("Slice", {"x"}, {"y"})),
              ::testing::ElementsAre("Slice 1 inputs, needs 3"));
  EXPECT_THAT(found_in(Sketch(17).node("Slice", {"x", "a", "b"}, {"y"})), IsEmpty());
}

/// Whether a node of the operator with so many inputs and outputs is fine.
bool is_fine(const std::string& op, int opset, int inputs, int outputs) {
  Sketch sketch(opset);
  sketch.node(op, std::vector<std::string>(static_cast<std::size_t>(inputs), "x"),
              std::vector<std::string>(static_cast<std::size_t>(outputs), "y"));
  return found_in(sketch).empty();
}

TEST(Arity, IsThatOfOnnx) {
  for (const char* op : {"Add",      "BatchNormalization",
                         "Cast",     "Clip",
                         "Concat",   "Constant",
                         "Conv",     "Dropout",
                         "Gather",   "Gemm",
                         "If",       "LSTM",
                         "Loop",     "NonMaxSuppression",
                         "Pad",      "ReduceMin",
                         "Reshape",  "Resize",
                         "RoiAlign", "Slice",
                         "Split",    "Squeeze",
                         "Tile",     "TopK",
                         "Unique",   "Unsqueeze",
                         "Upsample", "Where"}) {
    for (const int opset : {7, 9, 10, 11, 13, 16}) {
      const auto least = testing::least_arity(op, opset);
      if (!least) continue;
      SCOPED_TRACE(fmt::format("{} of opset {}", op, opset));
      const auto [inputs, outputs] = *least;
      EXPECT_TRUE(is_fine(op, opset, inputs, outputs));
      EXPECT_TRUE(inputs == 0 || !is_fine(op, opset, inputs - 1, outputs));
      EXPECT_TRUE(outputs == 0 || !is_fine(op, opset, inputs, outputs - 1));
    }
  }
}

TEST(Arity, OfBranchesToo) {
  Sketch branch;
  branch.node("TopK", {"x", "k"}, {"values"});
  const Sketch sketch = Sketch().node("If", {"c"}, {"y"}, {Sketch::branch("then_branch", branch)});
  EXPECT_THAT(found_in(sketch), ::testing::ElementsAre("TopK 1 outputs, needs 2"));
}

TEST(Arity, NothingIsKnownOfOtherDomains) {
  Sketch sketch;
  sketch.node("Slice", {}, {}).node("Unheard", {}, {});
  sketch.model.graph.nodes.front().domain = "mine";
  EXPECT_THAT(found_in(sketch), IsEmpty());
}

}  // namespace
}  // namespace tv2onnx
