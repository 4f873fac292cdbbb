// Commands that the program proposes, under "next" and at the end of hints, run as printed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

#include "support/files.h"
#include "support/run_tool.h"
#include "tv2onnx/checkpoint.h"
#include "verify/safetensors_file.h"

namespace tv2onnx {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::run_tool;
using ::testing::SizeIs;
using testing::TemporaryFolder;

constexpr const char* kShapes = TV2ONNX_SOURCE_DIR "/examples/shapes/fasterrcnn_shapes_half.pth";
constexpr const char* kUnrolled = TV2ONNX_SOURCE_DIR "/tests/golden/run/unrolled.onnx";

/// What stands behind "next", "or" below it, or the colon of a hint, without the program's name.
std::vector<std::string> proposed(const std::string& text) {
  const std::regex line("(?:^|\n)(?:next|  or) +tv2onnx ([^\n]+)|hint: [^\n]*: tv2onnx ([^\n]+)");
  std::vector<std::string> commands;
  for (std::sregex_iterator at(text.begin(), text.end(), line), end; at != end; ++at) {
    commands.push_back((*at)[1].matched ? (*at)[1] : (*at)[2]);
  }
  return commands;
}

/// Runs the commands in a folder. They may say that something is wrong with a file, but not that
/// they are wrong themselves.
void expect_run(const std::vector<std::string>& commands, const TemporaryFolder& folder) {
  for (const std::string& command : commands) {
    const std::string line =
        "cd '" + folder.path().string() + "' && '" TV2ONNX_BINARY "' " + command + " > out 2> err";
    const int status = std::system(line.c_str());
    ASSERT_TRUE(WIFEXITED(status)) << command;
    EXPECT_THAT((std::vector{0, 1}), ::testing::Contains(WEXITSTATUS(status)))
        << command << "\n"
        << testing::read_file(folder / "err");
  }
}

std::string in_quotes(const std::filesystem::path& path) {
  return "'" + path.string() + "'";
}

/// The demo's detector as a state dict, under a name that a shell would take apart.
std::filesystem::path state_dict(const TemporaryFolder& folder, std::int64_t channels = 3) {
  testing::Arrays weights;
  const Checkpoint checkpoint = open_checkpoint(kShapes);
  for (const auto& [name, tensor] : checkpoint.tensors) {
    weights.emplace_back(name, make_tensor(tensor.shape, to_float(tensor)));
    if (name != "backbone.body.0.0.weight") continue;
    const Shape shape{tensor.shape[0], channels, tensor.shape[2], tensor.shape[3]};
    const auto count = static_cast<std::size_t>(element_count(shape));
    if (channels != 3) weights.back().second = make_tensor(shape, std::vector<float>(count, 0.1F));
  }
  std::filesystem::path path = folder / "my pets' weights.safetensors";
  testing::write_safetensors(path, weights);
  return path;
}

TEST(Next, InspectNamesEveryBuilderThatAStateDictMayComeFrom) {
  const TemporaryFolder folder;
  const std::string answer = run_tool("inspect \"" + state_dict(folder).string() + "\"").out;
  EXPECT_THAT(answer, HasSubstr("settings      not in a state dict; these are the defaults of "
                                "fasterrcnn_mobilenet_v3_large_fpn\n"));
  EXPECT_THAT(answer, HasSubstr("  min_size = 800\n"));
  EXPECT_THAT(answer, HasSubstr("  box_score_thresh = 0.05\n"));
  EXPECT_THAT(answer, HasSubstr("the builder arguments that you changed"));
  const std::vector<std::string> commands = proposed(answer);
  ASSERT_THAT(commands, SizeIs(2));
  EXPECT_THAT(commands[0], HasSubstr("--arch fasterrcnn_mobilenet_v3_large_fpn"));
  EXPECT_THAT(commands[1], HasSubstr("--arch fasterrcnn_mobilenet_v3_large_320_fpn"));
  // Both write the same file.
  expect_run({commands[0], commands[1] + " -f"}, folder);
}

TEST(Next, ImagesOfOtherChannelsNeedTheirMeanAndDeviation) {
  const TemporaryFolder folder;
  const std::string answer = run_tool("inspect \"" + state_dict(folder, 1).string() + "\"").out;
  EXPECT_THAT(answer, HasSubstr("0 and 1 leave 1-channel images as they are"));
  const std::vector<std::string> commands = proposed(answer);
  ASSERT_FALSE(commands.empty());
  EXPECT_THAT(commands[0], HasSubstr("--image-mean 0 --image-std 1"));
  expect_run({commands[0]}, folder);
}

TEST(Next, AWholeModuleNeedsOneCommandAndTheFileItMakesAnother) {
  const TemporaryFolder folder;
  const std::string answer = run_tool("inspect " + in_quotes(kShapes)).out;
  EXPECT_THAT(answer, Not(HasSubstr("that you changed")));
  const std::vector<std::string> commands = proposed(answer);
  ASSERT_THAT(commands, SizeIs(1));
  expect_run(commands, folder);
  const std::string model = in_quotes(folder / "fasterrcnn_shapes_half.onnx");
  for (const std::string& command : {"inspect " + model, "doctor " + model}) {
    const std::vector<std::string> next = proposed(run_tool(command).out);
    EXPECT_THAT(next, SizeIs(1)) << command;
    expect_run(next, folder);
  }
}

TEST(Next, HintsOfErrors) {
  const TemporaryFolder folder;
  // A model with a node of no kind: well-formed, but nothing that a runtime takes.
  testing::write_file(folder / "not.onnx", std::string("\x08\x08\x3a\x02\x0a\x00", 6));
  const std::string model = in_quotes(folder / "not.onnx");
  for (const std::string& command :
       {"detect " + model + " x.jpg", std::string("models nope"), std::string("explain nonsense"),
        std::string("export"), std::string("doctor 'Input shape:{14,7}, requested shape:{-1,4}'"),
        "export '" TV2ONNX_SOURCE_DIR "/tests/golden/checkpoint/zip_training.pth' -o " + model}) {
    const std::vector<std::string> hints = proposed(run_tool(command).err);
    EXPECT_THAT(hints, SizeIs(1)) << command << "\n" << run_tool(command).err;
    for (const std::string& hint : hints) {
      // What a hint about a broken file shows is how it is broken.
      const int exit_code = run_tool(hint).exit_code;
      EXPECT_THAT((std::vector{0, 1, 3}), ::testing::Contains(exit_code)) << hint;
    }
  }
}

TEST(Next, TheDoctorProposesTheRepair) {
  const TemporaryFolder folder;
  std::filesystem::copy_file(kUnrolled, folder / "my model.onnx");
  const std::string answer = run_tool("doctor " + in_quotes(folder / "my model.onnx")).out;
  const std::vector<std::string> next = proposed(answer);
  ASSERT_THAT(next, Not(IsEmpty())) << answer;
  EXPECT_THAT(next[0], HasSubstr("my model.onnx' --"));
}

/// What is no ONNX file is named, not left to the runtime's parser.
TEST(Next, OtherFilesInThePlaceOfAModelAreNamed) {
  const TemporaryFolder folder;
  const std::string shapes = in_quotes(kShapes);
  const std::string model = in_quotes(TV2ONNX_SOURCE_DIR "/tests/golden/runtime/batched.onnx");
  for (const std::string& command :
       {"detect " + shapes + " x.jpg", "verify " + shapes + " --against " + shapes,
        "bench " + shapes, "bench " + model + " --vs " + shapes, "doctor " + shapes}) {
    const auto result = run_tool(command);
    EXPECT_EQ(result.exit_code, 3) << command;
    EXPECT_THAT(result.err, HasSubstr("not an ONNX file")) << command;
    EXPECT_THAT(result.err, HasSubstr("tv2onnx export")) << command;
  }
  for (const std::string& command :
       {"detect " + in_quotes(folder.path()) + " x.jpg", "bench " + in_quotes(folder.path())}) {
    EXPECT_THAT(run_tool(command).err, HasSubstr("give the file inside it")) << command;
  }
  EXPECT_THAT(run_tool("bench " + model + " --vs nope.onnx").err, HasSubstr("check the path"));
}

}  // namespace
}  // namespace tv2onnx
