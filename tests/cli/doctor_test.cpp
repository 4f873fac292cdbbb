// What a user of `tv2onnx doctor` sees: exit codes, forms of the answer, files that stay as they
// were.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/files.h"
#include "support/run_tool.h"
#include "support/sketch.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::read_file;
using testing::run_tool;
using testing::Sketch;
using ::testing::StartsWith;
using testing::TemporaryFolder;
using testing::ToolResult;

const std::string kHealthy = TV2ONNX_SOURCE_DIR "/tests/golden/runtime/classifier.onnx";

/// A network for images of every size that says one of its values has one size only (D08).
std::string stale(const TemporaryFolder& folder) {
  const OnnxValueInfo::Dim open{-1, "open"};
  Sketch sketch;
  sketch.input("image", {{1, ""}, {3, ""}, open, open})
      .node("Relu", {"image"}, {"inner"})
      .node("ReduceMax", {"inner"}, {"most"})
      .output("most", {{1, ""}, {1, ""}, {1, ""}, {1, ""}});
  sketch.model.graph.value_infos = {
      Sketch::value("inner", DType::kFloat32, {{1, ""}, {3, ""}, {480, ""}, {640, ""}})};
  testing::save(sketch.model, folder / "stale.onnx");
  return (folder / "stale.onnx").string();
}

TEST(DoctorTool, ExitCodeSaysWhetherSomethingIsWrong) {
  const TemporaryFolder folder;
  const ToolResult healthy = run_tool("doctor " + kHealthy);
  EXPECT_EQ(healthy.exit_code, 0) << healthy.err;
  EXPECT_THAT(healthy.out, HasSubstr("healthy: nothing wrong was found"));
  const ToolResult wrong = run_tool("doctor " + stale(folder));
  EXPECT_EQ(wrong.exit_code, 1) << wrong.err;
  EXPECT_THAT(wrong.out, HasSubstr("\nD08  "));
  const ToolResult missing = run_tool("doctor nowhere.onnx");
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.err, StartsWith("error[C001]"));
}

TEST(DoctorTool, AnswersAsJson) {
  const TemporaryFolder folder;
  const auto answer = nlohmann::json::parse(run_tool("doctor --json " + stale(folder)).out);
  EXPECT_EQ(answer["healthy"], false);
  EXPECT_EQ(answer["findings"][0]["code"], "D08");
  EXPECT_EQ(answer["findings"][0]["repairable"], true);
}

TEST(DoctorTool, RepairsIntoAnotherFile) {
  const TemporaryFolder folder;
  const std::string file = stale(folder);
  const std::string before = read_file(file);
  const std::string fixed = (folder / "fixed.onnx").string();
  const ToolResult result = run_tool("doctor " + file + " --fix " + fixed);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("repaired D08"));
  EXPECT_EQ(run_tool("doctor " + fixed).exit_code, 0);
  EXPECT_EQ(read_file(file), before);

  const ToolResult again = run_tool("doctor " + file + " --fix " + fixed);
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.err, StartsWith("error[O004]"));
  EXPECT_EQ(run_tool("doctor " + file + " --force --fix " + fixed).exit_code, 0);
}

TEST(DoctorTool, WritesNothingWhereNothingIsToBeDone) {
  const TemporaryFolder folder;
  const std::string fixed = (folder / "fixed.onnx").string();
  const ToolResult result = run_tool("doctor " + kHealthy + " --fix " + fixed);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, StartsWith("error[D101]"));
  EXPECT_THAT(result.err, HasSubstr("there is nothing to repair"));
  EXPECT_THAT(folder.names(), ElementsAre());
}

TEST(DoctorTool, ExplainsALogOfStandardInput) {
  const TemporaryFolder folder;
  const std::string log = (folder / "run.log").string();
  testing::write_file(log, "loading\nInput shape:{14,7}, requested shape:{-1,4}\n");
  const ToolResult result = run_tool("doctor --log -", log);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("D01  "));
  EXPECT_EQ(run_tool("doctor --log -").exit_code, 1) << "an empty log has no error";
}

}  // namespace
}  // namespace tv2onnx
