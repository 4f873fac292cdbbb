#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <thread>

#include "graph/ops.h"
#include "onnx/lower.h"
#include "onnx/write.h"
#include "runtime/denormals.h"
#include "support/errors.h"
#include "support/files.h"
#include "support/sketch.h"
#include "tv2onnx/error.h"
#include "tv2onnx/onnx.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::message_of;

std::string golden(const std::string& name) {
  return TV2ONNX_SOURCE_DIR "/tests/golden/runtime/" + name + ".onnx";
}

Tensor grey_image(std::int64_t batch, std::int64_t height, std::int64_t width, float value) {
  const auto count = static_cast<std::size_t>(batch * 3 * height * width);
  return make_tensor({batch, 3, height, width}, std::vector<float>(count, value));
}

/// Sets an environment variable for one test.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    setenv(name, value.c_str(), 1);
  }
  ~Variable() {
    if (old_.empty()) {
      unsetenv(name_);
    } else {
      setenv(name_, old_.c_str(), 1);
    }
  }

 private:
  const char* name_;
  std::string old_;
};

TEST(Session, TellsPortsSymbolsAndMetadata) {
  const Session session(golden("batched"), {});
  ASSERT_EQ(session.inputs().size(), 1U);
  const PortInfo& input = session.inputs()[0];
  EXPECT_EQ(input.name, "input");
  EXPECT_EQ(input.dtype, DType::kFloat32);
  EXPECT_THAT(input.shape, ElementsAre(-1, 3, -1, -1));
  EXPECT_THAT(input.symbols, ElementsAre("batch", "", "height", "width"));
  ASSERT_EQ(session.outputs().size(), 4U);
  EXPECT_EQ(session.outputs()[3].name, "num_detections");
  EXPECT_EQ(session.outputs()[3].dtype, DType::kInt64);
  EXPECT_EQ(session.metadata().at("tv2onnx.architecture"), "fake_detector");
  EXPECT_EQ(session.producer(), "tv2onnx");
}

TEST(Session, RunsEveryBatchAndSize) {
  const Session session(golden("batched"), {});
  const std::vector<Tensor> results = session.run({grey_image(2, 40, 50, 1.0F)});
  ASSERT_EQ(results.size(), 4U);
  EXPECT_THAT(results[0].shape, ElementsAre(2, 6, 4));
  EXPECT_THAT(results[3].as<std::int64_t>(), ElementsAre(6, 6));
  EXPECT_FLOAT_EQ(results[0].as<float>()[2], 0.4F * 50);
  EXPECT_FLOAT_EQ(results[0].as<float>()[3], 0.4F * 40);
}

TEST(Session, ZeroDetectionsAreAnOrdinaryResult) {
  const Session session(golden("batched"), {});
  const std::vector<Tensor> results = session.run({grey_image(1, 20, 20, 0.0F)});
  EXPECT_THAT(results[0].shape, ElementsAre(1, 0, 4));
  EXPECT_THAT(results[3].as<std::int64_t>(), ElementsAre(0));
}

TEST(Session, ResultsOutliveTheSession) {
  std::vector<Tensor> results;
  {
    const Session session(golden("batched"), {});
    results = session.run({grey_image(1, 20, 20, 1.0F)});
  }
  EXPECT_FLOAT_EQ(results[2].as<float>()[0], 0.9F);
}

TEST(Session, AnOutputThatIsAnInputHasItsOwnBytes) {
  const testing::TemporaryFolder folder;
  testing::Sketch sketch;
  sketch.input("x", {{2, ""}}).output("y", {{2, ""}}).output("x", {{2, ""}});
  sketch.node("Relu", {"x"}, {"y"});
  testing::save(sketch.model, folder / "model.onnx");
  const Session session(folder / "model.onnx", {});
  std::vector<Tensor> results;
  {
    std::vector<float> values{1, 2};
    const Tensor x{
        DType::kFloat32, {2}, {}, reinterpret_cast<const std::byte*>(values.data()), nullptr};
    results = session.run({x});
    values = {7, 8};
  }
  EXPECT_THAT(results[1].as<float>(), ElementsAre(1, 2));
}

TEST(Session, CopiesOnlyUnalignedOrStridedInputs) {
  const Session session(golden("flat"), {});
  std::vector<std::byte> bytes(4 * 3 * 8 * 8 + 1);
  const std::vector<float> ones(3 * 8 * 8, 1.0F);
  std::memcpy(bytes.data() + 1, ones.data(), ones.size() * 4);
  const Tensor unaligned{DType::kFloat32, {1, 3, 8, 8}, {}, bytes.data() + 1, nullptr};
  const float one = 1;
  const Tensor broadcast{DType::kFloat32,
                         {1, 3, 8, 8},
                         {0, 0, 0, 0},
                         reinterpret_cast<const std::byte*>(&one),
                         nullptr};
  for (const Tensor& input : {unaligned, broadcast}) {
    EXPECT_THAT(session.run({input})[0].shape, ElementsAre(6, 4));
  }
}

TEST(Session, RunsFromSeveralThreads) {
  const Session session(golden("batched"), {.library = {}, .threads = 1});
  std::vector<std::int64_t> counts(8, -1);
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    threads.emplace_back([&, k] {
      for (int repeat = 0; repeat < 20; ++repeat) {
        const float value = k % 2 == 0 ? 0.0F : 1.0F;
        counts[k] = session.run({grey_image(1, 16, 16, value)})[3].as<std::int64_t>()[0];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(counts, ElementsAre(0, 6, 0, 6, 0, 6, 0, 6));
}

TEST(Session, LeavesTheFloatingPointModeOfTheCallerAlone) {
  volatile float tiny = std::numeric_limits<float>::min();
  const Session session(golden("batched"), {});
  session.run({grey_image(1, 16, 16, 0.5F)});
  EXPECT_GT(tiny * 0.5F, 0.0F);
#if defined(__SSE2__) || defined(__aarch64__)
  const DenormalScope scope(true);
  EXPECT_EQ(tiny * 0.5F, 0.0F);
#endif
}

TEST(Session, WrongInputsSayWhatTheModelWants) {
  const Session session(golden("batched"), {});
  EXPECT_THAT(message_of([&] { session.run({}); }), HasSubstr("error[R006]: 0 inputs"));
  const Tensor bytes = make_tensor({1, 3, 1, 1}, std::vector<std::uint8_t>(3));
  EXPECT_THAT(message_of([&] { session.run({bytes}); }),
              HasSubstr("'input' of the model got uint8"));
  const Tensor flat = make_tensor({3}, std::vector<float>(3));
  EXPECT_THAT(message_of([&] { session.run({flat}); }), HasSubstr("error[R003]"));
}

TEST(Session, RoundsFloatsForInputsOfHalfPrecision) {
  const testing::TemporaryFolder folder;
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat16, {Dim("n")});
  graph.add_output(cast(x, DType::kFloat32), "y", {Dim("n")});
  write_onnx(lower(graph), folder / "half.onnx", {});
  const Session session(folder / "half.onnx", {});
  const Tensor numbers = make_tensor({3}, std::vector<float>{0.5F, 0.1F, 1e6F});
  EXPECT_THAT(to_float(session.run({numbers})[0]),
              ElementsAre(0.5F, 0x1.998p-4F, std::numeric_limits<float>::infinity()));
}

TEST(Session, RefusedModelKeepsTheRuntimesMessage) {
  const std::string path = ::testing::TempDir() + "/not_onnx.onnx";
  std::ofstream(path) << "this is no protobuf";
  const std::string message = message_of([&] { Session(path, {}); });
  EXPECT_THAT(message, HasSubstr("error[R002]"));
  EXPECT_THAT(message, HasSubstr("runtime   "));
  EXPECT_THAT(message, HasSubstr(path));
}

TEST(Session, MissingModelIsNamed) {
  const std::string message = message_of([] { Session("/nonexistent/model.onnx", {}); });
  EXPECT_THAT(message, HasSubstr("error[C001]"));
  EXPECT_THAT(message, HasSubstr("/nonexistent/model.onnx"));
  EXPECT_THAT(message_of([] { Session("/tmp", {}); }), HasSubstr("error[C001]"));
}

// Checked by the library itself, and not by how far the runtime gets.
TEST(Session, FilesBesideTheModelAreCheckedBeforeTheyAreOpened) {
  const auto open = [](const std::string& name) {
    Session(TV2ONNX_SOURCE_DIR "/tests/hostile/onnx/external_" + name + ".onnx", {});
  };
  EXPECT_EQ(testing::code_of([&] { open("good"); }), "");
  for (const auto& [name, code] : std::map<std::string, std::string>{{"up", "O002"},
                                                                     {"absolute", "O002"},
                                                                     {"hidden_up", "O002"},
                                                                     {"folder", "O002"},
                                                                     {"length", "O002"},
                                                                     {"words", "O002"},
                                                                     {"shape", "O002"},
                                                                     {"missing", "C001"},
                                                                     {"offset", "C002"},
                                                                     {"past", "C002"}}) {
    EXPECT_EQ(testing::code_of([&] { open(name); }), code) << name;
    EXPECT_THAT(message_of([&] { open(name); }), HasSubstr("external_" + name + ".onnx"));
  }
}

// The dynamic linker maps what is not there, and the program dies when it is read.
TEST(Session, ALibraryThatWasCutOffIsAnError) {
  const std::string whole = testing::read_file(find_runtime("").first);
  const testing::TemporaryFolder folder;
  const std::string path = (folder / "libonnxruntime.so").string();
  for (const std::size_t size :
       {whole.size() - 1, whole.size() / 2, std::size_t{5000}, std::size_t{70}}) {
    testing::write_file(path, whole.substr(0, size));
    const std::string message = message_of([&] { find_runtime(path); });
    EXPECT_THAT(message, HasSubstr("error[R001]")) << size;
    EXPECT_THAT(message, HasSubstr("it is cut off")) << size;
  }
  std::string changed = whole;
  changed.replace(0x20, 8, "\xff\xff\xff\xff\xff\xff\xff\x7f");  // where the segments are listed
  testing::write_file(path, changed);
  EXPECT_THAT(message_of([&] { find_runtime(path); }), HasSubstr("it is cut off"));
  testing::write_file(path, "no library");
  EXPECT_THAT(message_of([&] { find_runtime(path); }), HasSubstr("error[R001]"));
}

TEST(Session, OfBytesIsTheSame) {
  const std::string file = testing::read_file(golden("batched"));
  std::vector<Tensor> results;
  {
    const std::vector<std::byte> bytes(std::as_bytes(std::span(file)).begin(),
                                       std::as_bytes(std::span(file)).end());
    const Session session(bytes, "given", {});
    EXPECT_EQ(session.file(), "given");
    EXPECT_EQ(session.metadata().at("tv2onnx.architecture"), "fake_detector");
    results = session.run({grey_image(2, 40, 50, 1.0F)});
  }
  const auto expected = Session(golden("batched"), {}).run({grey_image(2, 40, 50, 1.0F)});
  ASSERT_EQ(results.size(), expected.size());
  for (std::size_t k = 0; k < results.size(); ++k) {
    EXPECT_EQ(contiguous_bytes(results[k]), contiguous_bytes(expected[k])) << k;
  }
}

TEST(Session, OfBytesRefusesWeightsInOtherFiles) {
  Graph graph(17);
  const Value x = graph.add_input("x", DType::kFloat32, {Dim("n")});
  const Value w = constant(graph, make_tensor({1000}, std::vector<float>(1000, 1)));
  graph.add_output(x + w, "y", {Dim("n")});
  const testing::TemporaryFolder folder;
  write_onnx(lower(graph), folder / "m.onnx", {.external_data = true});
  const std::string file = testing::read_file(folder / "m.onnx");
  const auto bytes = std::as_bytes(std::span(file));
  const std::string message = message_of([&] { Session(bytes, "given", {}); });
  EXPECT_THAT(message, HasSubstr("error[R008]"));
  EXPECT_THAT(message, HasSubstr("'m.onnx.data'"));
  EXPECT_THAT(message, HasSubstr("given, "));
  EXPECT_THAT(message_of([] { Session(std::as_bytes(std::span("text", 4)), "given", {}); }),
              HasSubstr("error[O001]"));
}

TEST(FindRuntime, NamesPathAndVersion) {
  const auto [path, version] = find_runtime("");
  EXPECT_THAT(path, HasSubstr("libonnxruntime"));
  EXPECT_THAT(version, HasSubstr("1."));
  EXPECT_EQ(find_runtime(path).second, version);
}

TEST(FindRuntime, ListsWhereItLooked) {
  const std::string message = message_of([] { find_runtime("/nonexistent/libonnxruntime.so"); });
  EXPECT_THAT(message, HasSubstr("error[R001]"));
  EXPECT_THAT(message, HasSubstr("looked at /nonexistent/libonnxruntime.so (as asked for)"));
  EXPECT_THAT(message, HasSubstr("hint:"));
}

TEST(FindRuntime, VariableIsNotPassedOverSilently) {
  const Variable variable("TV2ONNX_ORT", "/nonexistent/folder");
  const std::string message = message_of([] { find_runtime(""); });
  EXPECT_THAT(message, HasSubstr("looked at /nonexistent/folder (TV2ONNX_ORT)"));
}

TEST(FindRuntime, OtherLibrariesAreNotTakenForIt) {
  EXPECT_THAT(message_of([] { find_runtime("libm.so.6"); }), HasSubstr("not ONNX Runtime"));
}

}  // namespace
}  // namespace tv2onnx
