#include "rewrite/uses.h"

#include <gtest/gtest.h>

#include "graph/ops.h"

namespace tv2onnx {
namespace {

TEST(Uses, CountsReadersAndFindsProducers) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {2});
  const Value w = graph.add_weight("w", make_tensor({2}, std::vector<float>(2)));
  const Value sum = x + w;
  const Value square = sum * sum;
  const Value unused = relu(x);
  graph.add_output(square, "y", {2});
  const Uses uses(graph);
  EXPECT_EQ(uses.count(x.id), 2U);
  EXPECT_EQ(uses.count(w.id), 1U);
  EXPECT_EQ(uses.count(sum.id), 2U);     // one node that reads it twice
  EXPECT_EQ(uses.count(square.id), 1U);  // the output
  EXPECT_EQ(uses.count(unused.id), 0U);
  EXPECT_EQ(uses.producer(x.id), -1);
  EXPECT_EQ(uses.producer(w.id), -1);
  EXPECT_EQ(uses.producer(sum.id), 0);
  EXPECT_EQ(uses.producer(square.id), 1);
}

TEST(Uses, AbsentInputsAreNotCounted) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {1, 1, 2, 2});
  const Value size = ints(graph, {1, 1, 4, 4});
  graph.add_output(resize_nearest(x, size), "y", {1, 1, 4, 4});
  const Uses uses(graph);
  EXPECT_EQ(uses.count(x.id), 1U);
  EXPECT_EQ(uses.count(size.id), 1U);
}

}  // namespace
}  // namespace tv2onnx
