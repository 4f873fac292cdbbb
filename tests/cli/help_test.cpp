// Help, and what is said about a command line that is wrong.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "support/run_tool.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run_tool;
using ::testing::StartsWith;
using testing::ToolResult;

constexpr const char* kCommands[] = {"export",   "inspect", "verify",     "predict", "detect",
                                     "evaluate", "doctor",  "bench",      "models",  "explain",
                                     "quantize", "merge",   "completion", "man",     "serve",
                                     "triton",   "page"};

std::size_t line_count(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

TEST(Help, NamesValuesAndDefaultsAndGivesAnExample) {
  for (const char* command : kCommands) {
    const std::string help = run_tool(std::string(command) + " --help").out;
    EXPECT_THAT(help, HasSubstr(std::string("\nUsage: tv2onnx ") + command)) << command;
    EXPECT_THAT(help, HasSubstr(std::string("\nExamples:\n  tv2onnx ") + command)) << command;
    EXPECT_THAT(help, HasSubstr("\nOptions of every command:\n")) << command;
    EXPECT_THAT(help, Not(ContainsRegex("[ :](TEXT|INT|FLOAT|ENUM)[ \n:=]|->|Needs:|Excludes:")))
        << command;
    EXPECT_LT(line_count(help), 60U) << command;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
  }
  const std::string help = run_tool("export --help").out;
  EXPECT_THAT(help, HasSubstr("--input float | uint8 | auto | normalized\n"));
  EXPECT_THAT(help, HasSubstr("(default for detectors)"));
  EXPECT_THAT(help, HasSubstr("-o, --output MODEL.onnx"));
}

TEST(Help, SettingsOfTheModelsAreAPageOfTheirOwn) {
  const std::string first = run_tool("export --help").out;
  const std::string second = run_tool("export --help-settings").out;
  for (const Model& model : models()) {
    EXPECT_THAT(second, HasSubstr("--min-size VALUE"));
    for (const Option& option : model.options)
      EXPECT_THAT(second, HasSubstr(option.help.substr(0, 20)));
  }
  EXPECT_THAT(first, AllOf(Not(HasSubstr("--min-size VALUE")), HasSubstr("--help-settings")));
  EXPECT_THAT(run_tool("doctor --help").out, Not(HasSubstr("--opset")));
  EXPECT_THAT(run_tool("doctor --help-rebuild").out,
              AllOf(HasSubstr("--opset"), HasSubstr("--min-size VALUE")));
}

TEST(Help, MayBeAskedForAsACommand) {
  EXPECT_EQ(run_tool("help").out, run_tool("--help").out);
  EXPECT_EQ(run_tool("help export").out, run_tool("export --help").out);
  EXPECT_EQ(run_tool("help export").exit_code, 0);
}

TEST(Help, ThatDoesNotArriveIsAnError) {
  for (const char* arguments : {"--help", "export --help", "--version"}) {
    // In a list of commands, as run_tool() puts files of its own in the place of both streams.
    const std::string command = std::string(arguments) + " >/dev/full 2>/dev/null; (exit $?)";
    EXPECT_EQ(run_tool(command).exit_code, 3) << arguments;
  }
}

struct Wrong {
  std::string arguments;
  std::string found;
  std::string hint;
};

TEST(Help, WrongCommandLinesNameTheWordAndTheNearestRightOne) {
  const std::string model = "'" TV2ONNX_SOURCE_DIR "/tests/golden/runtime/batched.onnx'";
  const Wrong cases[] = {
      {"exprot a.pth", "there is no command 'exprot'", "did you mean export?"},
      {"", "no command is given", "all commands: tv2onnx --help"},
      {"--quite export", "export has no option --quite", "did you mean --quiet?"},
      {"export a.pth -o b --minsize 400", "export has no option --minsize",
       "did you mean --min-size?"},
      {"export a.pth -o b --opset ten", "not a number: --opset = ten",
       "all options: tv2onnx export --help"},
      {"export a.pth b.onnx -o c", "'b.onnx' is one argument too many", "tv2onnx export --help"},
      {"export a.pth", "--output is required", "all options: tv2onnx export --help"},
      {"export a.pth -o -", "only a file can be written here, not stdout", "-o MODEL.onnx"},
      {"detect " + model + " x.jpg -o -", "only a file can be written here", "-o drawn"},
      {"detect " + model + " x.jpg --mask-format polygn", "--mask-format has no value 'polygn'",
       "did you mean --mask-format polygon?"},
      {"detect " + model + " x.jpg --score 3", "--score 3 is not in the range 0 to 1",
       "tv2onnx detect --help"},
      {"export a.pth -o b --opset", "--opset needs a value: --opset N", "tv2onnx export --help"},
      {"export a.pth -o -f", "--output needs a value: --output MODEL.onnx",
       "tv2onnx export --help"},
      {"export a.pth -o b --opset 11 --opset 17", "--opset is given 2 times: it takes one value",
       "tv2onnx export --help"},
      {"help exprot", "there is no command 'exprot'", "did you mean export?"},
      {"models nope", "there is no model 'nope'", "all models: tv2onnx models"},
      {"models retinanet", "there is no model 'retinanet'", "did you mean retinanet_resnet50_fpn?"},
      {"doctor", "MODEL is required", "all options: tv2onnx doctor --help"},
  };
  for (const auto& [arguments, found, hint] : cases) {
    const ToolResult result = run_tool(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments;
    EXPECT_EQ(result.out, "") << arguments;
    EXPECT_THAT(result.err, StartsWith("error[U00")) << arguments;
    EXPECT_THAT(result.err, HasSubstr("]: " + found)) << arguments;
    EXPECT_THAT(result.err, ContainsRegex("\n  hint:     .*" + hint)) << arguments;
  }
}

}  // namespace
}  // namespace tv2onnx
