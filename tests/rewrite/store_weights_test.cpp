#include "rewrite/store_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "onnx/schema.h"
#include "support/run_graph.h"
#include "support/sketch.h"

namespace tv2onnx {
namespace {

using testing::run_graph;
using testing::Sketch;

Tensor waves(Shape shape, float factor = 1) {
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t k = 0; k < values.size(); ++k) {
    values[k] = factor * std::sin(0.37F * static_cast<float>(k));
  }
  return make_tensor(std::move(shape), std::move(values));
}

/// y = (x + table) W, where the table is as large as a weight and is none.
OnnxModel product(float factor = 1) {
  Sketch sketch;
  sketch.input("x", {{4, ""}, {32, ""}}).output("y", {{4, ""}, {16, ""}});
  sketch.constant("table", waves({1, 32})).constant("weight", waves({32, 16}, factor));
  sketch.node("Add", {"x", "table"}, {"sum"}).node("MatMul", {"sum", "weight"}, {"y"});
  for (OnnxNode& node : sketch.model.graph.nodes) node.name = node.outputs[0];
  return sketch.model;
}

double worst(const OnnxModel& a, const OnnxModel& b) {
  const Tensor x = waves({4, 32});
  const std::vector<float> one = to_float(run_graph(a, {x})[0]);
  const std::vector<float> two = to_float(run_graph(b, {x})[0]);
  double most = 0;
  for (std::size_t k = 0; k < one.size(); ++k) {
    most = std::max(most, std::abs(double{one[k]} - two[k]));
  }
  return most;
}

TEST(StoreWeights, OnlyWeightsChangeAndTheResultHardly) {
  // 32 products of numbers up to 2 with errors up to half a step, 1/1024 and 1/127, of any sign.
  for (const auto& [form, type, allowed] : {std::tuple(WeightForm::kHalf, DType::kFloat16, 0.005),
                                            std::tuple(WeightForm::kInt8, DType::kInt8, 0.1)}) {
    OnnxModel model = product();
    const StoredWeights report = store_weights(model, form);
    EXPECT_EQ(report.changed, 1U);
    const double difference = worst(product(), model);
    EXPECT_GT(difference, 0);
    EXPECT_LT(difference, allowed);
    std::size_t smaller = 0;
    for (const OnnxTensor& tensor : model.graph.initializers) {
      if (tensor.name == "table") {
        EXPECT_EQ(tensor.data_type, schema::data_type(DType::kFloat32));
      }
      smaller += tensor.data_type == schema::data_type(type) ? 1 : 0;
    }
    EXPECT_EQ(smaller, 1U);
  }
}

TEST(StoreWeights, NumbersThatHalfPrecisionDoesNotHaveStay) {
  OnnxModel model = product(1e5F);
  const StoredWeights report = store_weights(model, WeightForm::kHalf);
  EXPECT_EQ(report.changed, 0U);
  EXPECT_EQ(report.kept, 1U);
  EXPECT_EQ(worst(product(1e5F), model), 0);
}

TEST(StoreWeights, EachOutputChannelHasItsOwnScale) {
  Sketch sketch;
  sketch.input("x", {{1, ""}, {16, ""}}).output("y", {{1, ""}, {16, ""}});
  std::vector<float> values(256);
  for (std::size_t k = 0; k < 256; ++k) values[k] = k < 16 ? 1000.0F : 0.001F;
  sketch.constant("weight", make_tensor({16, 16}, values)).constant("bias", waves({16}, 0));
  OnnxAttribute turned;
  turned.name = "transB";
  turned.type = schema::attribute::kTypeInt;
  turned.i = 1;
  sketch.node("Gemm", {"x", "weight", "bias"}, {"y"}, {turned});
  sketch.model.graph.nodes.front().name = "y";
  store_weights(sketch.model, WeightForm::kInt8);
  const Tensor ones = make_tensor({1, 16}, std::vector<float>(16, 1));
  const std::vector<float> y = to_float(run_graph(sketch.model, {ones})[0]);
  EXPECT_NEAR(y[0], 16000, 100);
  EXPECT_NEAR(y[1], 0.016, 0.0002);
}

}  // namespace
}  // namespace tv2onnx
