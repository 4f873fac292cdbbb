#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "rewrite/check.h"
#include "rewrite/edit.h"
#include "rewrite/fold.h"
#include "support/run_graph.h"
#include "support/sketch.h"
#include "support/tensors.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using testing::expect_near;
using ::testing::IsEmpty;
using testing::operators;
using testing::random_tensor;
using testing::run_graph;

/// What a test changes of conv -> batch norm -> relu.
struct Variant {
  bool bias = false;
  bool shared_weight = false;    ///< another convolution uses the weight
  bool computed_weight = false;  ///< the weight is the result of a node
  bool computed_mean = false;
  bool second_reader = false;  ///< something else reads the convolution's result
  bool norm_is_output = false;
};

Value statistic(Graph& graph, const std::string& name, float low, float high, unsigned seed) {
  return graph.add_weight(name, random_tensor({4}, low, high, seed));
}

void build(Graph& graph, const Variant& variant) {
  const Value x = graph.add_input("x", DType::kFloat32, {"n", 3, "h", "w"});
  Value weight = graph.add_weight("conv.weight", random_tensor({4, 3, 3, 3}, -1, 1, 1));
  if (variant.computed_weight) weight = relu(weight);
  const Value bias =
      variant.bias ? graph.add_weight("conv.bias", random_tensor({4}, -1, 1, 2)) : Value();
  const ConvAttributes attributes{.kernel = {3, 3}, .stride = {2}, .padding = {1, 1}};
  const Value y = conv(x, weight, bias, attributes);
  Value mean = statistic(graph, "bn.running_mean", -1, 1, 3);
  if (variant.computed_mean) mean = relu(mean);
  const Value normal = batch_normalization(y, statistic(graph, "bn.weight", 0.5, 2, 4),
                                           statistic(graph, "bn.bias", -1, 1, 5), mean,
                                           statistic(graph, "bn.running_var", 1e-3F, 2, 6), 1e-5F);
  const Dims dims{"n", 4, Dim(), Dim()};
  graph.add_output(variant.norm_is_output ? normal : relu(normal), "y", dims);
  if (variant.shared_weight) graph.add_output(conv(x, weight, {}, attributes), "shared", dims);
  if (variant.second_reader) graph.add_output(exp(y), "second", dims);
}

/// Runs the pass and expects that the results stay.
FoldReport folded(const Variant& variant, const std::vector<std::string>& expected_operators) {
  Graph before(17);
  build(before, variant);
  OnnxModel after = lower(before);
  FoldReport report = fold_batch_norm(after);
  EXPECT_THAT(check(after), IsEmpty());
  EXPECT_EQ(operators(after), expected_operators);
  const Tensor image = random_tensor({2, 3, 9, 7}, -2, 2, 7);
  const auto wanted = run_graph(before, {image});
  const auto found = run_graph(after, {image});
  EXPECT_EQ(found.size(), wanted.size());
  for (std::size_t k = 0; k < wanted.size(); ++k) expect_near(found[k], wanted[k], 2e-5F);
  return report;
}

TEST(FoldBatchNorm, JoinsConvolutionAndNormalisation) {
  const FoldReport report = folded({}, {"Conv", "Relu"});
  EXPECT_EQ(report.rewrites, 1U);
  EXPECT_THAT(report.refused, IsEmpty());
}

TEST(FoldBatchNorm, UsesTheBiasThatIsThere) {
  EXPECT_EQ(folded({.bias = true}, {"Conv", "Relu"}).rewrites, 1U);
}

TEST(FoldBatchNorm, TheOutputOfTheGraphKeepsItsName) {
  EXPECT_EQ(folded({.norm_is_output = true}, {"Conv"}).rewrites, 1U);
  Graph graph(17);
  build(graph, {.norm_is_output = true});
  OnnxModel model = lower(graph);
  fold_batch_norm(model);
  EXPECT_THAT(model.graph.nodes.back().outputs, ElementsAre("y"));
}

TEST(FoldBatchNorm, WeightsKeepTheirNames) {
  Graph graph(17);
  build(graph, {});
  OnnxModel model = lower(graph);
  fold_batch_norm(model);
  std::vector<std::string> names;
  for (const OnnxTensor& weight : model.graph.initializers) names.push_back(weight.name);
  EXPECT_THAT(names, ElementsAre("conv.weight", "conv.bias"));
}

TEST(FoldBatchNorm, SaysWhyItRefuses) {
  EXPECT_THAT(
      folded({.second_reader = true}, {"Conv", "BatchNormalization", "Relu", "Exp"}).refused,
      ElementsAre("BatchNormalization: the convolution has other readers"));
  EXPECT_THAT(
      folded({.shared_weight = true}, {"Conv", "BatchNormalization", "Relu", "Conv"}).refused,
      ElementsAre("BatchNormalization: its weights are shared"));
  EXPECT_THAT(
      folded({.computed_weight = true}, {"Relu", "Conv", "BatchNormalization", "Relu"}).refused,
      ElementsAre("BatchNormalization: its weights are computed"));
  EXPECT_THAT(
      folded({.computed_mean = true}, {"Conv", "Relu", "BatchNormalization", "Relu"}).refused,
      ElementsAre("BatchNormalization: its statistics are computed"));
}

TEST(FoldBatchNorm, LeavesOtherNormalisationsAlone) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {"n", 4, "h", "w"});
  const Value ones = graph.add_weight("ones", make_tensor({4}, std::vector<float>(4, 1)));
  graph.add_output(batch_normalization(x, ones, ones, ones, ones, 0), "y", {"n", 4, "h", "w"});
  OnnxModel model = lower(graph);
  const FoldReport report = fold_batch_norm(model);
  EXPECT_EQ(report.rewrites, 0U);
  EXPECT_THAT(report.refused, IsEmpty());
  EXPECT_THAT(operators(model), ElementsAre("BatchNormalization"));
}

TEST(FoldBatchNorm, SharedStatisticsAreOnlyRead) {
  Graph graph(17);
  const Value ones = graph.add_weight("ones", make_tensor({2}, std::vector<float>(2, 1)));
  Value x = graph.add_input("x", DType::kFloat32, {"n", 2, "h", "w"});
  for (const char* name : {"a", "b"}) {
    const Value weight = graph.add_weight(name, random_tensor({2, 2, 1, 1}, -1, 1, 1));
    x = batch_normalization(conv(x, weight, {}, {.kernel = {1, 1}}), ones, ones, ones, ones, 0);
  }
  graph.add_output(x, "y", {"n", 2, "h", "w"});
  OnnxModel model = lower(graph);
  EXPECT_EQ(fold_batch_norm(model).rewrites, 2U);
  EXPECT_THAT(operators(model), ElementsAre("Conv", "Conv"));
  EXPECT_THAT(check(model), IsEmpty());
}

/// Other exporters leave attributes to their defaults and give nodes no names.
TEST(FoldBatchNorm, ServesFilesOfOthersToo) {
  const auto ones = [](Shape shape, float value) {
    return make_tensor(shape,
                       std::vector<float>(static_cast<std::size_t>(element_count(shape)), value));
  };
  testing::Sketch sketch;
  sketch.input("x", {{1, ""}, {1, ""}, {1, ""}, {1, ""}})
      .constant("w", ones({1, 1, 1, 1}, 3))
      .constant("one", ones({1}, 1))
      .constant("zero", ones({1}, 0))
      .constant("pair", ones({2}, 1))
      .node("Conv", {"x", "w"}, {"c"})
      .node("BatchNormalization", {"c", "one", "zero", "one", "one"}, {"y"})
      .output("y", {{1, ""}, {1, ""}, {1, ""}, {1, ""}});
  OnnxModel wrong = sketch.model;
  wrong.graph.nodes.back().inputs[1] = "pair";
  EXPECT_THAT(fold_batch_norm(wrong).refused,
              ElementsAre(": its statistics are not one for each channel"));
  OnnxModel trains = sketch.model;
  trains.graph.nodes.back().attributes.push_back(integer_attribute("training_mode", 1));
  EXPECT_EQ(fold_batch_norm(trains).rewrites, 0U);
  EXPECT_EQ(fold_batch_norm(sketch.model).rewrites, 1U);
  EXPECT_THAT(operators(sketch.model), ElementsAre("Conv"));
  const Tensor image = make_tensor({1, 1, 1, 1}, std::vector<float>{2});
  // (3 * 2 - 1) / sqrt(1 + 1e-5)
  EXPECT_NEAR(to_float(run_graph(sketch.model, {image})[0])[0], 4.999975, 1e-5);
}

}  // namespace
}  // namespace tv2onnx
