// tv2onnx completion, man, doctor --system

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "support/files.h"
#include "support/run_tool.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::read_file;
using testing::run_tool;
using testing::TemporaryFolder;
using testing::ToolResult;
using testing::write_file;

bool there_is(const std::string& program) {
  return std::system((program + " --version >/dev/null 2>&1").c_str()) == 0;
}

/// What bash offers behind these words, the last of which is begun.
std::string offered(const std::string& words) {
  const TemporaryFolder folder;
  write_file(folder / "script", run_tool("completion bash").out + "COMP_WORDS=(tv2onnx " + words +
                                    ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_tv2onnx\n"
                                    "echo \"${COMPREPLY[@]}\"\n");
  const std::string out = (folder / "out").string();
  const std::string command =
      "cd '" + folder.path().string() + "' && bash script >'" + out + "' 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0);
  return read_file(out);
}

TEST(Completion, BashOffersCommandsOptionsAndValues) {
  EXPECT_EQ(offered("insp"), "inspect\n");
  EXPECT_EQ(offered("predict --sha"), "--shard\n");
  EXPECT_THAT(offered("export --o"), AllOf(HasSubstr("--opset"), HasSubstr("--output")));
  EXPECT_EQ(offered("predict --mask-format pol"), "polygon\n");
  EXPECT_EQ(offered("-q verify a.onnx --provider xn"), "xnnpack\n");
  EXPECT_EQ(offered("predict scr"), "script\n") << "a file";
  EXPECT_THAT(offered("export ''"), HasSubstr("script"));
}

TEST(Completion, ScriptsParse) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const ToolResult run = run_tool("completion " + shell);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.out, AllOf(HasSubstr("predict"), HasSubstr("every")));
    const TemporaryFolder folder;
    write_file(folder / "script", run.out);
    if (!there_is(shell)) continue;
    EXPECT_EQ(std::system((shell + " -n '" + (folder / "script").string() + "'").c_str()), 0)
        << shell;
  }
  EXPECT_EQ(run_tool("completion tcsh").exit_code, 2);
}

TEST(Manual, HasEveryCommand) {
  const ToolResult run = run_tool("man");
  EXPECT_EQ(run.exit_code, 0);
  for (const char* command : {"export", "predict", "merge", "doctor", "completion"}) {
    EXPECT_THAT(run.out, HasSubstr(".SS \"tv2onnx " + std::string(command) + "\""));
  }
  EXPECT_THAT(run.out, AllOf(HasSubstr("\\-\\-shard"), HasSubstr(".SH EXIT STATUS")));
  EXPECT_THAT(run.out, Not(HasSubstr("\n'")));
}

TEST(DoctorSystem, SaysWhatIsThere) {
  const ToolResult text = run_tool("doctor --system");
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("ONNX Runtime  1."), HasSubstr("CPUExecutionProvider"),
                              HasSubstr("ffmpeg ")));
  const auto json = nlohmann::json::parse(run_tool("doctor --system --json").out);
  EXPECT_GE(json.at("processor").at("threads").get<int>(), 1);
  EXPECT_THAT(json.at("providers").get<std::vector<std::string>>(),
              ::testing::Contains("CPUExecutionProvider"));
  EXPECT_EQ(run_tool("doctor --system model.onnx").exit_code, 2);
}

TEST(Provider, ThatIsNotThereIsAnError) {
  const std::string golden = TV2ONNX_SOURCE_DIR "/tests/golden/";
  const std::string words =
      "predict " + golden + "runtime/batched.onnx " + golden + "image/colour.png --provider ";
  const ToolResult absent = run_tool(words + "openvino --provider-option device_type=GPU");
  EXPECT_EQ(absent.exit_code, 4);
  EXPECT_THAT(absent.err,
              AllOf(HasSubstr("error[R009]: the provider openvino is not there"),
                    HasSubstr("CPUExecutionProvider"), HasSubstr("onnxruntime-openvino")));
  EXPECT_THAT(run_tool(words + "gpu").err,
              AllOf(HasSubstr("error[U002]"), HasSubstr("cuda, tensorrt, openvino")));
  EXPECT_THAT(run_tool(words + "cuda --provider-option device_id").err, HasSubstr("KEY=VALUE"));
  const std::string twice = "cuda --provider-option a=1 --provider-option a=2";
  EXPECT_THAT(run_tool(words + twice).err, HasSubstr("each key once"));
}

}  // namespace
}  // namespace tv2onnx
