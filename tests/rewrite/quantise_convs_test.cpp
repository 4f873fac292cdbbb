#include "rewrite/quantise_convs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support/run_graph.h"
#include "support/sketch.h"

namespace tv2onnx {
namespace {

using testing::run_graph;
using testing::Sketch;

Tensor waves(Shape shape, float factor) {
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t k = 0; k < values.size(); ++k) {
    values[k] = factor * std::sin(0.37F * static_cast<float>(k));
  }
  return make_tensor(std::move(shape), std::move(values));
}

/// relu(conv(x)), the same convolution of that again, and the sum of both.
OnnxModel shared_head() {
  Sketch sketch;
  sketch.input("x", {{1, ""}, {4, ""}, {6, ""}, {6, ""}})
      .output("y", {{1, ""}, {4, ""}, {6, ""}, {6, ""}});
  sketch.constant("weight", waves({4, 4, 1, 1}, 0.5F)).constant("bias", waves({4}, 0.1F));
  sketch.node("Conv", {"x", "weight", "bias"}, {"first"})
      .node("Relu", {"first"}, {"positive"})
      .node("Conv", {"positive", "weight", "bias"}, {"second"})
      .node("Add", {"positive", "second"}, {"sum"})
      .node("Sigmoid", {"sum"}, {"y"});
  for (OnnxNode& node : sketch.model.graph.nodes) node.name = node.outputs[0];
  return sketch.model;
}

std::size_t count(const OnnxModel& model, std::string_view op) {
  return static_cast<std::size_t>(std::ranges::count(model.graph.nodes, op, &OnnxNode::op));
}

TEST(QuantiseConvs, ValuesAreThoseOfConvolutionsAndOfTheSumsBetweenThem) {
  OnnxModel model = shared_head();
  std::vector<std::string> names;
  for (const QuantisedValue& one : quantised_values(View(model), {"first", "second"})) {
    names.push_back(one.value);
  }
  EXPECT_THAT(names, ::testing::ElementsAre("x", "positive", "second", "sum"));
}

TEST(QuantiseConvs, ASharedWeightIsStoredOnceAndItsBiasForEachUse) {
  OnnxModel model = shared_head();
  quantise_convs(model, {"first", "second"},
                 {{"x", {-1, 1}}, {"positive", {0, 2}}, {"second", {-2, 2}}, {"sum", {-2, 4}}},
                 127);
  EXPECT_EQ(count(model, "QuantizeLinear"), 4U);
  EXPECT_EQ(count(model, "DequantizeLinear"), 4U + 2 * 2);
  std::size_t weights = 0, biases = 0;
  for (const OnnxTensor& tensor : model.graph.initializers) {
    weights += tensor.name.starts_with("weight/int8") ? 1 : 0;
    biases += tensor.name.starts_with("bias/int32") ? 1 : 0;
  }
  EXPECT_EQ(weights, 1U);
  EXPECT_EQ(biases, 2U);
  for (const OnnxNode& node : model.graph.nodes) {  // both readers of a made value read one pair
    if (node.op == "Add") {
      EXPECT_EQ(node.input(0), "positive/DequantizeLinear");
    }
    if (node.op == "Relu") {
      EXPECT_EQ(node.input(0), "first");
    }
  }
  const Tensor x = waves({1, 4, 6, 6}, 1);
  const std::vector<float> expected = to_float(run_graph(shared_head(), {x})[0]);
  const std::vector<float> found = to_float(run_graph(model, {x})[0]);
  double worst = 0;
  for (std::size_t k = 0; k < found.size(); ++k) {
    worst = std::max(worst, std::abs(double{found[k]} - expected[k]));
  }
  EXPECT_GT(worst, 0);
  EXPECT_LT(worst, 0.02);
}

TEST(QuantiseConvs, AChannelOfNoWeightsKeepsItsBias) {
  const auto net = [] {
    Sketch sketch;
    sketch.input("x", {{1, ""}, {2, ""}, {6, ""}, {6, ""}})
        .output("y", {{1, ""}, {3, ""}, {6, ""}, {6, ""}});
    // Of the second channel nothing is left, of the third nearly nothing: only what is added.
    sketch
        .constant("weight",
                  make_tensor({3, 2, 1, 1}, std::vector{0.5F, -0.25F, 0.0F, 0.0F, 1e-11F, -1e-12F}))
        .constant("bias", make_tensor({3}, std::vector{0.1F, 0.7F, -0.6F}));
    sketch.node("Conv", {"x", "weight", "bias"}, {"sum"}).node("Sigmoid", {"sum"}, {"y"});
    for (OnnxNode& node : sketch.model.graph.nodes) node.name = node.outputs[0];
    return sketch.model;
  };
  OnnxModel model = net();
  quantise_convs(model, {"sum"}, {{"x", {-1, 1}}, {"sum", {-1, 1}}}, 127);
  const Tensor x = waves({1, 2, 6, 6}, 1);
  const std::vector<float> expected = to_float(run_graph(net(), {x})[0]);
  const std::vector<float> found = to_float(run_graph(model, {x})[0]);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t k = 0; k < found.size(); ++k) {
    EXPECT_NEAR(found[k], expected[k], 0.004) << "channel " << k / 36;  // a step of 2 / 255 / 4
  }
}

TEST(QuantiseNumbers, ZeroIsExactAndRangesThatLackItReachToIt) {
  const UnsignedScale both = scale_of({-1, 3});
  EXPECT_FLOAT_EQ(both.scale, 4.0F / 255);
  EXPECT_EQ(both.zero, 64);
  EXPECT_EQ(scale_of({2, 5}).zero, 0);
  EXPECT_FLOAT_EQ(scale_of({2, 5}).scale, 5.0F / 255);
  EXPECT_EQ(scale_of({0, 0}).scale, 1);
}

}  // namespace
}  // namespace tv2onnx
