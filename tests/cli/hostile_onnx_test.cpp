// ONNX files made to do harm: every command ends with a documented exit code, within seconds and
// within memory in proportion to the file, and passes no control character on.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "support/files.h"
#include "support/run_tool.h"
#include "support/sketch.h"

namespace tv2onnx {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using testing::run_tool;
using testing::Sketch;
using testing::TemporaryFolder;
using testing::ToolResult;

const std::string kFolder = TV2ONNX_SOURCE_DIR "/tests/hostile/onnx/";
const std::string kPhoto = TV2ONNX_SOURCE_DIR "/examples/shapes/images/039.jpg";
constexpr const char* kLimits = " --time-limit 10 --memory-limit 2048";

std::vector<std::string> files() {
  std::vector<std::string> names;
  for (const fs::path& file : testing::files_in(kFolder, ".onnx")) names.push_back(file.stem());
  return names;
}

/// What a terminal only shows, and ends of lines.
bool is_plain(std::string_view text) {
  return printable_lines(text) == text && text.find('\t') == std::string_view::npos;
}

void expect_harmless(const std::string& command) {
  SCOPED_TRACE(command);
  const ToolResult run = run_tool(command + kLimits);
  // 4 would be a limit that was reached, 70 an internal error, -1 a crash.
  EXPECT_THAT(run.exit_code, AnyOf(0, 1, 2, 3)) << run.err;
  EXPECT_TRUE(is_plain(run.out)) << run.out;
  EXPECT_TRUE(is_plain(run.err)) << run.err;
  EXPECT_EQ((run.out + run.err).find("\n  healthy: nothing wrong"), std::string::npos);
}

class HostileOnnx : public ::testing::TestWithParam<std::string> {
 protected:
  static std::string file() { return shell_quoted(kFolder + GetParam() + ".onnx"); }
  TemporaryFolder folder_;
};

TEST_P(HostileOnnx, IsRead) {
  expect_harmless("inspect " + file());
  expect_harmless("inspect --json " + file());
  expect_harmless("doctor --target tensorrt " + file());
  expect_harmless("doctor --json " + file());
}

TEST_P(HostileOnnx, IsRepairedOrRefused) {
  const std::string out = shell_quoted((folder_ / "out.onnx").string());
  expect_harmless("doctor " + file() + " --fix " + out);
  expect_harmless("doctor " + file() + " --rebuild " + out);
}

INSTANTIATE_TEST_SUITE_P(Files, HostileOnnx, ::testing::ValuesIn(files()),
                         [](const auto& parameter) { return parameter.param; });

/// Those that a runtime may load.
class HostileRun : public HostileOnnx {};

TEST_P(HostileRun, IsRunOrRefused) {
  expect_harmless("doctor --run " + file());
  expect_harmless("detect " + file() + " " + kPhoto);
  expect_harmless("verify " + file() + " --against " + file());
  expect_harmless("bench --runs 1 " + file());
  expect_harmless("doctor " + file() + " --input uint8 --fix " +
                  shell_quoted((folder_ / "out.onnx").string()));
}

INSTANTIATE_TEST_SUITE_P(Files, HostileRun,
                         ::testing::Values("claims_60000", "claims_2_40", "claims_13000",
                                           "claims_batch", "claims_one_row", "output_is_input",
                                           "name_input", "name_output", "name_metadata",
                                           "settings_deep", "external_up", "two_shapes"),
                         [](const auto& parameter) { return parameter.param; });

// What cannot be told changes nothing of what is told by the exit code.
TEST(Reporting, GoesOnWithoutStderr) {
  const std::string file = kFolder + "arity_gemm.onnx";
  const TemporaryFolder folder;
  const std::string image = (folder / "broken.jpg").string();
  testing::write_file(image, "no image");

  for (const char* errors : {" 2>&-", " 2>/dev/full", ""}) {
    SCOPED_TRACE(errors);
    // In a subshell, as run_tool() puts a file of its own in the place of stderr.
    const auto run = [&](const std::string& arguments) {
      return run_tool("--version >/dev/null; '" TV2ONNX_BINARY "' " + arguments + " >/dev/null" +
                      errors + "; (exit $?)");
    };
    EXPECT_EQ(run("doctor " + file).exit_code, 1);
    EXPECT_EQ(run("inspect " + image).exit_code, 3);
    EXPECT_EQ(run("inspect --nonsense").exit_code, 2);
  }
}

/// What must be large to do harm.
class LargeHostileOnnx : public ::testing::Test {
 protected:
  void expect_diagnosed(const Sketch& sketch) {
    const fs::path file = folder_ / "large.onnx";
    testing::save(sketch.model, file);
    expect_harmless("doctor " + file.string());
    expect_harmless("doctor " + file.string() + " --rebuild " + (folder_ / "new.onnx").string());
  }
  static Sketch with_image() {
    Sketch sketch;
    sketch.input("x", {{1, ""}, {3, ""}, {-1, "h"}, {-1, "w"}}).output("y");
    sketch.constant("one", make_tensor({1}, std::vector<std::int64_t>{1}));
    return sketch;
  }
  TemporaryFolder folder_;
};

constexpr int kMany = 60'000;

TEST_F(LargeHostileOnnx, ChainBehindAShape) {
  Sketch sketch = with_image();
  for (int k = 0; k < kMany; ++k) {
    sketch.node("Cast", {k == 0 ? "one" : "c" + std::to_string(k - 1)}, {"c" + std::to_string(k)});
  }
  sketch.node("Reshape", {"x", "c" + std::to_string(kMany - 1)}, {"y"});
  expect_diagnosed(sketch);
}

TEST_F(LargeHostileOnnx, ChainInReverseOrder) {
  Sketch sketch = with_image();
  for (int k = kMany; k > 0; --k) {
    sketch.node("Relu", {k == 1 ? "x" : "v" + std::to_string(k - 1)}, {"v" + std::to_string(k)});
  }
  sketch.node("Relu", {"v" + std::to_string(kMany)}, {"y"});
  expect_diagnosed(sketch);
}

TEST_F(LargeHostileOnnx, ManyResizesAndSuppressions) {
  Sketch sketch = with_image();
  sketch.constant("sizes", make_tensor({4}, std::vector<std::int64_t>{1, 3, 8, 8}));
  for (int k = 0; k < kMany / 4; ++k) {
    const std::string name = std::to_string(k);
    sketch.node("Resize", {"x", "", "", "sizes"}, {"r" + name});
    sketch.node("NonMaxSuppression", {"r" + name, "r" + name}, {"n" + name});
  }
  sketch.node("Relu", {"x"}, {"y"});
  expect_diagnosed(sketch);
}

TEST_F(LargeHostileOnnx, ManyIfsThatAllReadTheSame) {
  Sketch squeeze;
  squeeze.node("Squeeze", {"c"}, {"q"}, {}).output("q");
  Sketch identity;
  identity.node("Identity", {"c"}, {"q"}).output("q");
  Sketch sketch = with_image();
  sketch.node("Gather", {"x", "one"}, {"c"}).node("Shape", {"c"}, {"s"});
  sketch.node("Gather", {"s", "one"}, {"n"}).node("Equal", {"n", "one"}, {"is"});
  for (int k = 0; k < kMany / 8; ++k) {
    sketch.node("If", {"is"}, {"z" + std::to_string(k)},
                {Sketch::branch("then_branch", squeeze), Sketch::branch("else_branch", identity)});
  }
  sketch.node("Relu", {"x"}, {"y"});
  expect_diagnosed(sketch);
}

TEST_F(LargeHostileOnnx, ManyReadersOfTheSameLargeConstant) {
  Sketch sketch = with_image();
  sketch.constant("big", make_tensor({60'000}, std::vector<float>(60'000, 0.5F)));
  sketch.node("NonMaxSuppression", {"x", "x"}, {"n"});
  for (int k = 0; k < kMany / 4; ++k) sketch.node("Div", {"x", "big"}, {"d" + std::to_string(k)});
  sketch.node("Relu", {"x"}, {"y"});
  expect_diagnosed(sketch);
}

TEST_F(LargeHostileOnnx, ManyMakersOfOneValue) {
  Sketch sketch = with_image();
  for (int k = 0; k < kMany / 4; ++k) {
    sketch.node("Gemm", {"x", "one", "one"}, {"g"}).node("Reshape", {"g", "one"}, {"g"});
    sketch.node("Slice", {"g", "one", "one"}, {"g"});
  }
  sketch.node("Relu", {"x"}, {"y"});
  expect_diagnosed(sketch);
}

}  // namespace
}  // namespace tv2onnx
