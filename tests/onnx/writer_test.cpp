#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <limits>
#include <numeric>

#include "graph/ops.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/onnx_checker.h"
#include "support/run_graph.h"
#include "tv2onnx/onnx.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {
namespace {

using testing::check_with_onnx;
using testing::code_of;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::read_file;
using testing::run_graph;
using testing::TemporaryFolder;
using testing::write_file;

std::vector<float> counted(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 1.0F);
  return values;
}

/// y = x + w, and w has `side` x `side` elements.
void add_sum(Graph& graph, std::int64_t side) {
  const Value x = graph.add_input("x", DType::kFloat32, {"n", side});
  const auto count = static_cast<std::size_t>(side * side);
  const Value w = graph.add_weight("w", make_tensor({side, side}, counted(count)));
  const Value small = graph.add_weight("small", make_tensor({1}, std::vector<float>{0.5F}));
  graph.title = "sum";
  graph.metadata["key"] = "value";
  graph.add_output(x + w + small, "y", {"n", side});
}

/// What a graph that returns `weight` alone gives in the runtime.
std::vector<float> written_and_read(Tensor weight) {
  Graph graph(kDefaultOpset);
  const Value x = graph.add_input("x", DType::kFloat32, {1});
  const Shape shape = weight.shape;
  const Value w = graph.add_weight("w", std::move(weight));
  graph.add_output(x * w, "y", Dims(shape.begin(), shape.end()));
  return to_float(run_graph(graph, {make_tensor({1}, std::vector<float>{1})})[0]);
}

template <typename T>
Tensor view_of(DType dtype, Shape shape, const std::vector<T>& values, Shape strides = {}) {
  return {dtype, std::move(shape), std::move(strides),
          reinterpret_cast<const std::byte*>(values.data()), nullptr};
}

TEST(Writer, TheSameGraphGivesTheSameBytes) {
  const TemporaryFolder folder;
  for (const char* name : {"a.onnx", "b.onnx"}) {
    Graph graph(kDefaultOpset);
    add_sum(graph, 8);
    write_onnx(graph, folder / name, {});
  }
  EXPECT_EQ(read_file(folder / "a.onnx"), read_file(folder / "b.onnx"));
}

TEST(Writer, ReportsTheSizesOfTheFiles) {
  const TemporaryFolder folder;
  Graph graph(kDefaultOpset);
  add_sum(graph, 40);
  const WriteReport one = write_onnx(graph, folder / "a.onnx", {});
  EXPECT_EQ(one.model_bytes, std::filesystem::file_size(folder / "a.onnx"));
  EXPECT_EQ(one.data_bytes, 0U);
  const WriteReport two = write_onnx(graph, folder / "b.onnx", {.external_data = true});
  EXPECT_EQ(two.model_bytes, std::filesystem::file_size(folder / "b.onnx"));
  EXPECT_EQ(two.data_bytes, std::filesystem::file_size(folder / "b.onnx.data"));
  EXPECT_EQ(two.data_bytes, 40U * 40U * 4U);
}

TEST(Writer, EveryOpsetIsAcceptedByCheckerAndRuntime) {
  for (int opset = kMinOpset; opset <= kMaxOpset; ++opset) {
    Graph graph(opset);
    add_sum(graph, 3);
    const Tensor x = make_tensor({1, 3}, std::vector<float>{1, 2, 3});
    EXPECT_EQ(to_float(run_graph(graph, {x})[0])[8], 12.5F) << opset;
  }
}

TEST(Writer, ExternalDataIsWhatTheRuntimeReads) {
  const TemporaryFolder folder;
  Graph graph(kDefaultOpset);
  add_sum(graph, 20);
  graph.add_output(graph.add_weight("odd", make_tensor({300}, counted(300))) * 2.0, "z", {300});
  write_onnx(graph, folder / "a.onnx", {.external_data = true});
  EXPECT_EQ(check_with_onnx(folder / "a.onnx"), "");
  const Session session(folder / "a.onnx", {});
  const auto results = session.run({make_tensor({1, 20}, std::vector<float>(20))});
  EXPECT_EQ(to_float(results[0]).back(), 400.5F);
  EXPECT_EQ(to_float(results[1]).back(), 600.0F);
}

TEST(Writer, ExternalWeightsAreAligned) {
  const TemporaryFolder folder;
  Graph graph(kDefaultOpset);
  const Value a = graph.add_weight("a", make_tensor({257}, counted(257)));
  const Value b = graph.add_weight("b", make_tensor({257}, std::vector<float>(257, -1.0F)));
  graph.add_output(a + b, "y", {257});
  write_onnx(graph, folder / "m.onnx", {.external_data = true});
  const std::string data = read_file(folder / "m.onnx.data");
  ASSERT_EQ(data.size(), 1088U + 1028U);
  float first = 0;
  std::memcpy(&first, data.data() + 1088, 4);
  EXPECT_EQ(first, -1.0F);
  EXPECT_EQ(data.substr(1028, 60), std::string(60, '\0'));
}

TEST(Writer, ALargeModelGetsExternalDataByItself) {
  const TemporaryFolder folder;
  Graph graph(kDefaultOpset);
  add_sum(graph, 32);
  const std::uint64_t whole = write_onnx(graph, folder / "whole.onnx", {}).model_bytes;
  EXPECT_EQ(write_onnx(graph, folder / "fits.onnx", {.max_bytes = whole}).data_bytes, 0U);
  EXPECT_EQ(write_onnx(graph, folder / "large.onnx", {.max_bytes = whole - 1}).data_bytes, 4096U);
  EXPECT_EQ(check_with_onnx(folder / "large.onnx"), "");
  EXPECT_THAT(folder.names(),
              ElementsAre("fits.onnx", "large.onnx", "large.onnx.data", "whole.onnx"));
}

TEST(Writer, NoDataFileWithoutDataForIt) {
  const TemporaryFolder folder;
  Graph graph(kDefaultOpset);
  add_sum(graph, 2);
  EXPECT_EQ(write_onnx(graph, folder / "a.onnx", {.external_data = true}).data_bytes, 0U);
  EXPECT_THAT(folder.names(), ElementsAre("a.onnx"));
}

TEST(Writer, DoesNotOverwriteUnasked) {
  const TemporaryFolder folder;
  Graph graph(kDefaultOpset);
  add_sum(graph, 32);
  write_file(folder / "a.onnx", "old");
  EXPECT_EQ(code_of([&] { write_onnx(graph, folder / "a.onnx", {}); }), "O004");
  EXPECT_EQ(read_file(folder / "a.onnx"), "old");
  write_onnx(graph, folder / "a.onnx", {.overwrite = true});
  EXPECT_NE(read_file(folder / "a.onnx"), "old");
}

TEST(Writer, AnExistingDataFileIsNotOverwrittenUnaskedEither) {
  const TemporaryFolder folder;
  Graph graph(kDefaultOpset);
  add_sum(graph, 32);
  write_file(folder / "a.onnx.data", "old");
  EXPECT_EQ(code_of([&] { write_onnx(graph, folder / "a.onnx", {.external_data = true}); }),
            "O004");
  EXPECT_THAT(folder.names(), ElementsAre("a.onnx.data"));
  EXPECT_EQ(read_file(folder / "a.onnx.data"), "old");
}

TEST(Writer, RefusesAnUnsoundGraph) {
  const TemporaryFolder folder;
  Graph graph(kDefaultOpset);
  add_sum(graph, 2);
  graph.mutable_nodes().pop_back();
  const auto error = error_of([&] { write_onnx(graph, folder / "a.onnx", {}); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code().name(), "G001");
  EXPECT_THAT(error->what(), HasSubstr("nothing produces the output"));
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(Writer, HalfPrecisionBecomesFloat32) {
  const std::vector<std::uint16_t> half{0x3C00, 0xC000, 0x0001, 0x7BFF, 0x3555};
  EXPECT_THAT(written_and_read(view_of(DType::kFloat16, {5}, half)),
              ElementsAre(1.0F, -2.0F, 0x1p-24F, 65504.0F, 0x1.554p-2F));
  const std::vector<std::uint16_t> brain{0x3F80, 0xC049, 0x0080, 0x7F7F};
  EXPECT_THAT(written_and_read(view_of(DType::kBFloat16, {4}, brain)),
              ElementsAre(1.0F, -0x1.92p+1F, 0x1p-126F, 0x1.fep+127F));
}

TEST(Writer, DoublesAreRoundedOnce) {
  const std::vector<double> values{0.1, 1.0 / 3, -16777217, 1e300};
  EXPECT_THAT(written_and_read(view_of(DType::kFloat64, {4}, values)),
              ElementsAre(0.1F, 1.0F / 3, -16777216.0F, std::numeric_limits<float>::infinity()));
}

TEST(Writer, StridedWeightsAreWrittenInRowMajorOrder) {
  const std::vector<float> values = counted(12);
  EXPECT_THAT(written_and_read(view_of(DType::kFloat32, {3, 2}, values, {1, 3})),
              ElementsAre(1, 4, 2, 5, 3, 6));
  const std::vector<std::uint16_t> half{0x3C00, 0x4000, 0x4200, 0x4400};
  EXPECT_THAT(written_and_read(view_of(DType::kFloat16, {2, 2}, half, {1, 2})),
              ElementsAre(1, 3, 2, 4));
}

TEST(Writer, LongWeightsAreConvertedInPieces) {
  std::vector<double> values(200'000);
  std::iota(values.begin(), values.end(), -1000.0);
  const std::vector<float> expected(values.begin(), values.end());
  EXPECT_EQ(written_and_read(view_of(DType::kFloat64, {200, 1000}, values)), expected);
}

TEST(Writer, UnalignedWeightsAreFine) {
  std::vector<std::byte> bytes(1 + 12);
  const std::vector<float> values{1, 2, 3};
  std::memcpy(bytes.data() + 1, values.data(), 12);
  const Tensor tensor{DType::kFloat32, {3}, {}, bytes.data() + 1, nullptr};
  EXPECT_EQ(written_and_read(tensor), values);
}

TEST(Writer, EmptyAndScalarWeightsKeepTheirShape) {
  Graph graph(kDefaultOpset);
  const Value x = graph.add_input("x", DType::kFloat32, {2});
  const Value scalar = graph.add_weight("scalar", make_tensor({}, std::vector<float>{3}));
  const Value empty = graph.add_weight("empty", make_tensor({0, 2}, std::vector<float>{}));
  graph.add_output(x * scalar, "y", {2});
  graph.add_output(concat({empty, unsqueeze(x, {0})}, 0), "z", {1, 2});
  const auto results = run_graph(graph, {make_tensor({2}, std::vector<float>{1, 2})});
  EXPECT_THAT(to_float(results[0]), ElementsAre(3, 6));
  EXPECT_THAT(results[1].shape, ElementsAre(1, 2));
}

TEST(Writer, IntegerWeightsKeepTheirType) {
  Graph graph(kDefaultOpset);
  const Value x = graph.add_input("x", DType::kInt64, {2});
  const Value w = graph.add_weight("w", make_tensor({2}, std::vector<std::int64_t>{1LL << 40, -1}));
  graph.add_output(x + w, "y", {2});
  const auto results = run_graph(graph, {make_tensor({2}, std::vector<std::int64_t>{1, 1})});
  EXPECT_THAT(to_int64(results[0]), ElementsAre((1LL << 40) + 1, 0));
}

}  // namespace
}  // namespace tv2onnx
