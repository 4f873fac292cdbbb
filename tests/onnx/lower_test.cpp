#include "onnx/lower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "onnx/schema.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;

TEST(Lower, KeepsNamesOrderAndWeightsWhereTheyAre) {
  Graph graph(13);
  const Tensor weight = make_tensor({2}, std::vector<float>{1, 2});
  const Value x = graph.add_input("x", DType::kFloat32, {"n", 2});
  graph.add_output(softmax(x * graph.add_weight("w", weight), 1), "y", {"n", 2});
  graph.title = "net";
  graph.metadata["key"] = "value";
  const OnnxModel model = lower(graph);
  EXPECT_EQ(model.opset(), 13);
  EXPECT_EQ(model.ir_version, 7);
  EXPECT_EQ(model.graph.name, "net");
  EXPECT_EQ(model.metadata.at("key"), "value");
  EXPECT_EQ(model.graph.nodes.front().label(), "Mul (Mul)");
  EXPECT_THAT(model.graph.nodes.front().inputs, ElementsAre("x", "w"));
  EXPECT_EQ(model.graph.nodes.back().integer("axis", 0), 1);
  EXPECT_EQ(model.graph.inputs[0].dims->at(0).symbol, "n");
  EXPECT_EQ(model.graph.initializers.front().bytes.data(), weight.data);
}

TEST(Lower, HalfPrecisionIsConvertedWhenItIsWritten) {
  Graph graph(17);
  const Tensor half = make_half_tensor({3}, {1, 2, 3});
  graph.add_output(graph.add_weight("w", half) * 2.0, "y", {3});
  const OnnxModel model = lower(graph);
  const OnnxTensor& weight = model.graph.initializers.front();
  EXPECT_EQ(weight.data_type, schema::data_type(DType::kFloat32));
  EXPECT_EQ(weight.byte_size(), 12U);
  EXPECT_TRUE(weight.bytes.empty());
  EXPECT_EQ(weight.elements->data, half.data);
  EXPECT_THAT(to_float(*weight.tensor()), ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace tv2onnx
