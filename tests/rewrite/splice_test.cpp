#include "rewrite/splice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "rewrite/check.h"
#include "support/run_graph.h"
#include "support/sketch.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::operators;
using testing::run_graph;
using testing::Sketch;
using ::testing::StartsWith;

/// y = -x
Sketch negation(std::int64_t opset = 17) {
  Sketch sketch(opset);
  sketch.input("x", {{2, ""}}).node("Neg", {"x"}, {"y"}).output("y", {{2, ""}});
  sketch.model.graph.nodes.front().name = "Neg";
  return sketch;
}

Value twice_plus_one(Graph&, std::span<const Value> x) {
  return x[0] * 2.0 + 1.0;
}

TEST(Splice, PutsAFragmentBetweenTwoValues) {
  Sketch sketch = negation();
  View view(sketch.model);
  OnnxNode& neg = *view.producer("y");
  view.set_input(neg, 0, insert_before(view, neg, "scaled", {{"x"}}, twice_plus_one));
  EXPECT_THAT(operators(sketch.model), ElementsAre("Mul", "Add", "Neg"));
  EXPECT_THAT(check(sketch.model), IsEmpty());
  const Tensor x = make_tensor({2}, std::vector<float>{1, 2});
  EXPECT_THAT(to_float(run_graph(sketch.model, {x})[0]), ElementsAre(-3, -5));
}

TEST(Splice, EveryNameIsNewAndBelowThePrefix) {
  Sketch sketch = negation();
  View view(sketch.model);
  OnnxNode& neg = *view.producer("y");
  for (int k = 0; k < 3; ++k) {
    view.set_input(neg, 0, insert_before(view, neg, "scaled", {{neg.inputs[0]}}, twice_plus_one));
  }
  EXPECT_THAT(check(sketch.model), IsEmpty());
  for (const OnnxTensor& tensor : sketch.model.graph.initializers) {
    EXPECT_THAT(tensor.name, StartsWith("doctor/"));
  }
  EXPECT_EQ(neg.inputs[0], "doctor/scaled_2");
  const Tensor x = make_tensor({2}, std::vector<float>{0, 1});
  EXPECT_THAT(to_float(run_graph(sketch.model, {x})[0]), ElementsAre(-7, -15));
}

TEST(Splice, UsesTheOperatorsOfTheModelsOpset) {
  for (const int opset : testing::kOpsets) {
    Sketch sketch = negation(opset);
    sketch.model.ir_version = ir_version_of(opset);
    View view(sketch.model);
    OnnxNode& neg = *view.producer("y");
    const std::string largest = insert_before(
        view, neg, "largest", {{"x", DType::kFloat32, Dims{2}}},
        [](Graph&, std::span<const Value> x) { return x[0] - reduce_max(x[0], {0}, true); });
    view.set_input(neg, 0, largest);
    const Tensor x = make_tensor({2}, std::vector<float>{1, 5});
    EXPECT_THAT(to_float(run_graph(sketch.model, {x})[0]), ElementsAre(4, 0)) << opset;
  }
}

TEST(Splice, AFragmentMayHaveSeveralOutputs) {
  Graph graph(17);
  const Value a = graph.add_input("a", DType::kFloat32, {2});
  const Value b = graph.add_input("b", DType::kFloat32, {2});
  graph.add_output(a + b, "sum", {2});
  graph.add_output(a * b, "product", {2});
  Sketch sketch = negation();
  View view(sketch.model);
  OnnxNode& neg = *view.producer("y");
  const auto names = splice(view, neg, lower_fragment(graph), {"x", "x"}, "part/");
  EXPECT_THAT(names, ElementsAre("part/sum", "part/product"));
  view.set_input(neg, 0, names[1]);
  const Tensor x = make_tensor({2}, std::vector<float>{2, 3});
  EXPECT_THAT(to_float(run_graph(sketch.model, {x})[0]), ElementsAre(-4, -9));
}

}  // namespace
}  // namespace tv2onnx
