#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "rewrite/check.h"
#include "rewrite/fold.h"
#include "support/run_graph.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using testing::expect_near;
using ::testing::IsEmpty;
using testing::operators;
using testing::random_tensor;
using testing::run_graph;

/// What a test changes of mul -> conv.
struct Variant {
  Shape factor{1, 4, 1, 1};
  std::int64_t groups = 1;
  bool shared_weight = false;
  bool computed_weight = false;
  bool second_reader = false;
  bool factor_first = false;
  bool scaled_is_output = false;
};

void build(Graph& graph, const Variant& variant) {
  const Value x = graph.add_input("x", DType::kFloat32, {"n", 4, "h", "w"});
  const Value factor = graph.add_constant(random_tensor(variant.factor, 0.5, 4, 1));
  const Value scaled = variant.factor_first ? factor * x : x * factor;
  Value weight = graph.add_weight("w", random_tensor({8, 4 / variant.groups, 3, 3}, -1, 1, 2));
  if (variant.computed_weight) weight = relu(weight);
  const ConvAttributes attributes{.kernel = {3, 3}, .padding = {1, 1}, .groups = variant.groups};
  const Dims dims{"n", 8, "h", "w"};
  graph.add_output(conv(scaled, weight, {}, attributes), "y", dims);
  if (variant.shared_weight) graph.add_output(conv(x, weight, {}, attributes), "shared", dims);
  if (variant.second_reader) graph.add_output(exp(scaled), "second", {"n", 4, "h", "w"});
  if (variant.scaled_is_output) graph.add_output(scaled, "scaled", {"n", 4, "h", "w"});
}

FoldReport folded(const Variant& variant, const std::vector<std::string>& expected_operators) {
  Graph before(17);
  build(before, variant);
  OnnxModel after = lower(before);
  FoldReport report = fold_channel_scale(after);
  EXPECT_THAT(check(after), IsEmpty());
  EXPECT_EQ(operators(after), expected_operators);
  const Tensor image = random_tensor({2, 4, 6, 5}, -2, 2, 7);
  const auto wanted = run_graph(before, {image});
  const auto found = run_graph(after, {image});
  for (std::size_t k = 0; k < wanted.size(); ++k) expect_near(found[k], wanted[k], 2e-5F);
  return report;
}

TEST(FoldChannelScale, MovesTheFactorIntoTheWeight) {
  const FoldReport report = folded({}, {"Conv"});
  EXPECT_EQ(report.rewrites, 1U);
  EXPECT_THAT(report.refused, IsEmpty());
}

TEST(FoldChannelScale, SaysWhyItRefuses) {
  EXPECT_THAT(folded({.groups = 2}, {"Mul", "Conv"}).refused,
              ElementsAre("Mul: the convolution has groups"));
  EXPECT_THAT(folded({.shared_weight = true}, {"Mul", "Conv", "Conv"}).refused,
              ElementsAre("Mul: the weights of the convolution are shared"));
  EXPECT_THAT(folded({.computed_weight = true}, {"Mul", "Relu", "Conv"}).refused,
              ElementsAre("Mul: the weights of the convolution are computed"));
  EXPECT_THAT(folded({.second_reader = true}, {"Mul", "Conv", "Exp"}).refused,
              ElementsAre("Mul: the scaled value has other readers"));
  EXPECT_THAT(folded({.scaled_is_output = true}, {"Mul", "Conv"}).refused,
              ElementsAre("Mul: the scaled value has other readers"));
}

TEST(FoldChannelScale, OtherFactorsAreNoMatch) {
  for (const Shape& factor : {Shape{4, 1, 1}, Shape{1}, Shape{1, 4, 6, 5}}) {
    const FoldReport report = folded({.factor = factor}, {"Mul", "Conv"});
    EXPECT_EQ(report.rewrites, 0U);
    EXPECT_THAT(report.refused, IsEmpty());
  }
  folded({.factor_first = true}, {"Mul", "Conv"});
}

TEST(FoldChannelScale, OneFactorForAllChannelsIsFoldedToo) {
  EXPECT_EQ(folded({.factor = {1, 1, 1, 1}}, {"Conv"}).rewrites, 1U);
}

}  // namespace
}  // namespace tv2onnx
