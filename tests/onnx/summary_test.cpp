#include "onnx/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "onnx/schema.h"
#include "onnx/wire.h"
#include "onnx/write.h"
#include "support/encoded_model.h"
#include "support/errors.h"
#include "support/files.h"
#include "tv2onnx/onnx.h"

namespace tv2onnx {
namespace {

using testing::code_of;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using testing::message_of;
using testing::model_of;
using ::testing::Pair;
using testing::read_file;
using testing::TemporaryFolder;
using testing::write_file;
using wire::put_bytes;
using wire::put_int;

OnnxSummary summary_of(std::string_view bytes) {
  return summarize(parse_onnx_model(std::as_bytes(std::span(bytes))));
}

std::string code_for(const std::string& bytes) {
  return code_of([&] { summary_of(bytes); });
}

/// A file of our own writer, with an output of unknown size and metadata.
std::string written_model() {
  const TemporaryFolder folder;
  Graph graph(13);
  const Value x = graph.add_input("x", DType::kFloat32, {"batch", 3, Dim()});
  const Value w = graph.add_weight("body.weight", make_tensor({3, 1}, std::vector<float>{1, 2, 3}));
  graph.add_output(relu(x + w), "y", {"batch", 3, Dim()});
  graph.add_output(relu(relu(x)), "z", {"batch", 3, Dim()});
  graph.title = "test net";
  graph.metadata = {{"a", "1"}, {"b", ""}};
  write_onnx(lower(graph), folder / "m.onnx", {});
  return read_file(folder / "m.onnx");
}

std::string node(std::string_view op, std::string_view domain = "", std::string_view body = "") {
  std::string out;
  put_bytes(out, schema::node::kOpType, op);
  if (!domain.empty()) put_bytes(out, schema::node::kDomain, domain);
  if (!body.empty()) {
    std::string attribute;
    put_bytes(attribute, schema::attribute::kName, "body");
    put_bytes(attribute, schema::attribute::kGraph, body);
    put_bytes(out, schema::node::kAttribute, attribute);
  }
  std::string field;
  put_bytes(field, schema::graph::kNode, out);
  return field;
}

std::vector<std::string> names(const std::vector<OnnxValue>& values) {
  std::vector<std::string> names;
  for (const OnnxValue& value : values) names.push_back(value.name);
  return names;
}

TEST(Reader, TellsWhatTheWriterWrote) {
  const OnnxSummary summary = summary_of(written_model());
  EXPECT_EQ(summary.ir_version, 7);
  EXPECT_THAT(summary.producer, HasSubstr("tv2onnx 0."));
  EXPECT_THAT(summary.opsets, ElementsAre(Pair("", 13)));
  EXPECT_THAT(summary.metadata, ElementsAre(Pair("a", "1"), Pair("b", "")));
  EXPECT_EQ(summary.graph_name, "test net");
  ASSERT_THAT(names(summary.inputs), ElementsAre("x"));
  EXPECT_EQ(summary.inputs[0].type, "float");
  EXPECT_THAT(summary.inputs[0].dims, ElementsAre("batch", "3", "?"));
  EXPECT_THAT(names(summary.outputs), ElementsAre("y", "z"));
  ASSERT_THAT(names(summary.initializers), ElementsAre("body.weight"));
  EXPECT_THAT(summary.initializers[0].dims, ElementsAre("3", "1"));
  EXPECT_THAT(summary.operators, ElementsAre(Pair("Add", 1U), Pair("Relu", 3U)));
  EXPECT_EQ(summary.file_size, written_model().size());
}

TEST(Reader, ReadsAFileAndNamesItInErrors) {
  const TemporaryFolder folder;
  write_file(folder / "m.onnx", written_model());
  EXPECT_EQ(read_onnx_summary(folder / "m.onnx").graph_name, "test net");
  write_file(folder / "cut.onnx", written_model().substr(0, 100));
  EXPECT_THAT(message_of([&] { read_onnx_summary(folder / "cut.onnx"); }),
              HasSubstr((folder / "cut.onnx").string() + ", byte "));
  write_file(folder / "empty.onnx", "");
  EXPECT_EQ(code_of([&] { read_onnx_summary(folder / "empty.onnx"); }), "C002");
  EXPECT_EQ(code_of([&] { read_onnx_summary(folder / "missing.onnx"); }), "C001");
  EXPECT_EQ(code_of([&] { read_onnx_summary(folder.path()); }), "C001");
}

TEST(Reader, ExternalDataIsNotNeeded) {
  const TemporaryFolder folder;
  Graph graph(kDefaultOpset);
  const Value w = graph.add_weight("w", make_tensor({32, 32}, std::vector<float>(1024)));
  graph.add_output(relu(w), "y", {32, 32});
  write_onnx(lower(graph), folder / "m.onnx", {.external_data = true});
  std::filesystem::remove(folder / "m.onnx.data");
  const OnnxSummary summary = read_onnx_summary(folder / "m.onnx");
  ASSERT_THAT(names(summary.initializers), ElementsAre("w"));
  EXPECT_THAT(summary.initializers[0].dims, ElementsAre("32", "32"));
}

TEST(Reader, CountsNodesOfNestedGraphs) {
  const std::string inner = node("Relu") + node("Loop", "", node("Relu") + node("Exp"));
  const OnnxSummary summary = summary_of(model_of(node("If", "", inner) + node("Relu")));
  EXPECT_THAT(summary.operators,
              ElementsAre(Pair("Exp", 1U), Pair("If", 1U), Pair("Loop", 1U), Pair("Relu", 3U)));
}

TEST(Reader, OperatorsOfOtherDomainsCarryTheirDomain) {
  const OnnxSummary summary =
      summary_of(model_of(node("Gelu", "com.microsoft") + node("Gelu") + node("Gelu", "ai.onnx")));
  EXPECT_THAT(summary.operators, ElementsAre(Pair("Gelu", 2U), Pair("com.microsoft.Gelu", 1U)));
}

TEST(Reader, DeepNestingIsRefused) {
  std::string body = node("Relu");
  for (int depth = 0; depth < 32; ++depth) body = node("If", "", body);
  EXPECT_EQ(summary_of(model_of(body)).operators.at("If"), 32U);
  for (int depth = 0; depth < 2000; ++depth) body = node("If", "", body);
  EXPECT_THAT(message_of([&] { summary_of(model_of(body)); }),
              HasSubstr("error[O002]: graphs are nested deeper"));
}

TEST(Reader, InitialisersAreNoInputs) {
  std::string graph;
  for (const std::string name : {"x", "w"}) {
    std::string info;
    put_bytes(info, schema::value_info::kName, name);
    put_bytes(graph, schema::graph::kInput, info);
  }
  std::string tensor;
  put_bytes(tensor, schema::tensor::kName, "w");
  put_bytes(tensor, schema::tensor::kDims, std::string("\x02\x80\x01", 3));  // packed
  put_int(tensor, schema::tensor::kDataType, 17);
  put_bytes(graph, schema::graph::kInitializer, tensor);
  const OnnxSummary summary = summary_of(model_of(graph));
  EXPECT_THAT(names(summary.inputs), ElementsAre("x"));
  ASSERT_THAT(names(summary.initializers), ElementsAre("w"));
  EXPECT_THAT(summary.initializers[0].dims, ElementsAre("2", "128"));
  EXPECT_EQ(summary.initializers[0].type, "float8e4m3fn");
}

TEST(Reader, UnknownFieldsAndForeignTypesAreSkipped) {
  std::string model;
  put_int(model, schema::model::kIrVersion, 8);
  put_bytes(model, 999, "future");
  wire::put_float(model, 1000, 1.0F);
  put_int(model, schema::model::kProducerName, 5);  // a number where text belongs
  put_bytes(model, schema::model::kGraph, node("Relu"));
  const OnnxSummary summary = summary_of(model);
  EXPECT_EQ(summary.producer, "");
  EXPECT_THAT(summary.operators, ElementsAre(Pair("Relu", 1U)));
}

TEST(Reader, OtherFilesAreToldApartFromDamagedOnes) {
  EXPECT_THAT(message_of([] { summary_of(""); }), HasSubstr("error[O001]"));
  EXPECT_EQ(code_for("this is no protobuf"), "O001");
  EXPECT_THAT(message_of([] { summary_of("this is no protobuf"); }),
              HasSubstr("give the .onnx file"));
  EXPECT_EQ(code_for("{\"json\": true}"), "O001");
  EXPECT_EQ(code_for(std::string(1000, '\0')), "O001");
  EXPECT_THAT(message_of([] { summary_of("PK\x03\x04 archive/data.pkl"); }),
              HasSubstr("tv2onnx export"));
  EXPECT_THAT(message_of([] { summary_of("version https://git-lfs.github.com/spec/v1\noid"); }),
              HasSubstr("git lfs pull"));
  std::string no_graph;
  put_int(no_graph, schema::model::kIrVersion, 8);
  EXPECT_EQ(code_for(no_graph), "O002");
}

TEST(Reader, EveryTruncationIsAnError) {
  const std::string model = written_model();
  ASSERT_EQ(code_for(model), "");
  for (std::size_t size = 0; size < model.size(); ++size) {
    const auto error = error_of([&] { summary_of(model.substr(0, size)); });
    ASSERT_TRUE(error) << size;
    EXPECT_EQ(error->code().name(), size < 2 ? "O001" : "O002") << size;
    ASSERT_TRUE(error->parts().where.offset) << size;
    EXPECT_LE(*error->parts().where.offset, size);
  }
}

TEST(Reader, EveryDamagedByteIsReadOrRefused) {
  const std::string model = written_model();
  std::size_t refused = 0;
  for (std::size_t at = 0; at < model.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = model;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      const std::string code = code_for(damaged);
      EXPECT_TRUE(code.empty() || code == "O001" || code == "O002") << code;
      refused += code.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(refused, model.size());  // of 8 per byte
}

TEST(Reader, AManyTimesLargerSummaryIsRefused) {
  std::string graph;
  for (int k = 0; k < (1 << 20) + 1; ++k) graph += std::string("\x2a\x00", 2);  // initialisers
  EXPECT_THAT(message_of([&] { summary_of(model_of(graph)); }),
              HasSubstr("error[O002]: the model has more than"));
}

}  // namespace
}  // namespace tv2onnx
