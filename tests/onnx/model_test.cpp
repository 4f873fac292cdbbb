#include "onnx/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "onnx/schema.h"
#include "onnx/wire.h"
#include "onnx/write.h"
#include "support/encoded_model.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/sketch.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx {
namespace {

using testing::code_of;
using ::testing::ElementsAre;
using testing::model_of;
using testing::read_file;
using testing::TemporaryFolder;
using wire::put_bytes;
using wire::put_int;

OnnxModel parse(std::string_view bytes) {
  return parse_onnx_model(std::as_bytes(std::span(bytes)));
}

std::string written(const OnnxModel& model) {
  const TemporaryFolder folder;
  testing::save(model, folder / "m.onnx");
  return read_file(folder / "m.onnx");
}

/// A file of our own writer.
std::string small_model() {
  const TemporaryFolder folder;
  Graph graph(13);
  const Value x = graph.add_input("x", DType::kFloat32, {"batch", 3, Dim()});
  const Value w = graph.add_weight("body.weight", make_tensor({3, 1}, std::vector<float>{1, 2, 3}));
  graph.add_output(softmax(reshape(x + w, {0, -1}), 1), "y", {"batch", Dim()});
  graph.metadata = {{"a", "1"}};
  write_onnx(lower(graph), folder / "m.onnx", {});
  return read_file(folder / "m.onnx");
}

TEST(OnnxModel, ReadsWhatTheFileHas) {
  const std::string bytes = small_model();
  const OnnxModel model = parse(bytes);
  EXPECT_EQ(model.opset(), 13);
  EXPECT_EQ(model.producer, "tv2onnx");
  EXPECT_EQ(model.metadata.at("a"), "1");
  ASSERT_EQ(model.graph.inputs.size(), 1U);
  EXPECT_EQ(model.graph.inputs[0].dims->at(0).symbol, "batch");
  EXPECT_EQ(model.graph.inputs[0].dims->at(1).value, 3);
  EXPECT_EQ(model.graph.inputs[0].dims->at(2).value, -1);
  const OnnxNode& add = model.graph.nodes.front();
  EXPECT_EQ(add.op, "Add");
  EXPECT_THAT(add.inputs, ElementsAre("x", "body.weight"));
  EXPECT_EQ(model.graph.nodes.back().integer("axis", 0), 1);
  const OnnxTensor& weight = model.graph.initializers.front();
  ASSERT_TRUE(weight.tensor());
  EXPECT_THAT(to_float(*weight.tensor()), ElementsAre(1, 2, 3));
}

TEST(OnnxModel, GoesBackToTheSameContent) {
  const std::string bytes = small_model();
  const std::string again = written(parse(bytes));
  EXPECT_EQ(written(parse(again)), again);
  const OnnxSummary before = read_onnx_summary([&] {
    static const TemporaryFolder folder;
    testing::write_file(folder / "a.onnx", bytes);
    return folder / "a.onnx";
  }());
  EXPECT_EQ(before.initializers.size(), parse(again).graph.initializers.size());
  EXPECT_EQ(again.size(), bytes.size());
}

TEST(OnnxModel, KeepsWhatItDoesNotKnow) {
  std::string graph;
  put_bytes(graph, 10, "doc string of the graph");
  std::string node;
  put_bytes(node, schema::node::kOpType, "Relu");
  put_bytes(node, 77, "a field of the future");
  put_bytes(graph, schema::graph::kNode, node);
  std::string bytes = model_of(graph);
  put_bytes(bytes, 99, "a field of the model");
  const std::string again = written(parse(bytes));
  for (const char* text : {"doc string of the graph", "future", "field of the model"}) {
    EXPECT_NE(again.find(text), std::string::npos) << text;
  }
}

TEST(OnnxModel, WritesEditedNodesAnew) {
  const std::string bytes = small_model();
  OnnxModel model = parse(bytes);
  model.graph.nodes.front().inputs[0] = "x2";
  model.graph.nodes.front().source = {};
  const std::string again = written(model);
  EXPECT_THAT(parse(again).graph.nodes.front().inputs, ElementsAre("x2", "body.weight"));
}

TEST(OnnxModel, ReadsNumbersInEveryEncoding) {
  const auto tensor_of = [](int field, const std::string& packed, std::int64_t type) {
    std::string tensor;
    put_int(tensor, schema::tensor::kDims, 2);
    put_int(tensor, schema::tensor::kDataType, type);
    put_bytes(tensor, schema::tensor::kName, "t");
    put_bytes(tensor, field, packed);
    std::string graph;
    put_bytes(graph, schema::graph::kInitializer, tensor);
    return model_of(graph);
  };
  std::string integers;
  wire::put_varint(integers, 7);
  wire::put_varint(integers, static_cast<std::uint64_t>(-3));
  const std::string by_int64 = tensor_of(schema::tensor::kInt64Data, integers, 7);
  EXPECT_THAT(to_int64(*parse(by_int64).graph.initializers.front().tensor()), ElementsAre(7, -3));
  const std::string by_int32 = tensor_of(schema::tensor::kInt32Data, integers, 6);
  EXPECT_THAT(to_int64(*parse(by_int32).graph.initializers.front().tensor()), ElementsAre(7, -3));
  const std::string floats("\0\0\x80\x3f\0\0\0\x40", 8);
  const std::string by_float = tensor_of(schema::tensor::kFloatData, floats, 1);
  EXPECT_THAT(to_float(*parse(by_float).graph.initializers.front().tensor()), ElementsAre(1, 2));
}

TEST(OnnxModel, ReadsEmptyListsOfNumbers) {
  std::string attribute;
  put_bytes(attribute, schema::attribute::kName, "scales");
  put_bytes(attribute, schema::attribute::kFloats, "");
  std::string node;
  put_bytes(node, schema::node::kOpType, "Upsample");
  put_bytes(node, schema::node::kAttribute, attribute);
  std::string graph;
  put_bytes(graph, schema::graph::kNode, node);
  const OnnxNode read = parse(model_of(graph)).graph.nodes.front();
  EXPECT_EQ(read.attributes.front().name, "scales");
  EXPECT_TRUE(read.attributes.front().floats.empty());
}

TEST(OnnxModel, HasNoTensorWhereBytesAndShapeDisagree) {
  std::string tensor;
  put_int(tensor, schema::tensor::kDims, 1'000'000'000'000);
  put_int(tensor, schema::tensor::kDims, 1'000'000'000'000);
  put_int(tensor, schema::tensor::kDataType, 1);
  put_bytes(tensor, schema::tensor::kRawData, "abcd");
  std::string graph;
  put_bytes(graph, schema::graph::kInitializer, tensor);
  const std::string bytes = model_of(graph);
  EXPECT_FALSE(parse(bytes).graph.initializers.front().tensor());
}

TEST(OnnxModel, RefusesDamage) {
  const std::string bytes = small_model();
  EXPECT_EQ(code_of([&] { parse(std::string_view(bytes).substr(0, bytes.size() - 9)); }), "O002");
  EXPECT_EQ(code_of([] { parse("PK\x03\x04"); }), "O001");
  std::string deep;
  for (int k = 0; k < 40; ++k) {
    std::string attribute;
    put_bytes(attribute, schema::attribute::kGraph, deep);
    std::string node;
    put_bytes(node, schema::node::kAttribute, attribute);
    deep.clear();
    put_bytes(deep, schema::graph::kNode, node);
  }
  EXPECT_EQ(code_of([&] { parse(model_of(deep)); }), "O002");
}

}  // namespace
}  // namespace tv2onnx
