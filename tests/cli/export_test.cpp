#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/files.h"
#include "support/run_tool.h"
#include "tv2onnx/checkpoint.h"
#include "tv2onnx/onnx.h"
#include "verify/safetensors_file.h"

namespace tv2onnx {
namespace {

using ::testing::AnyOf;
using testing::Arrays;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using testing::run_tool;
using ::testing::StartsWith;
using testing::TemporaryFolder;
using testing::ToolResult;
using testing::write_file;

constexpr const char* kSource = TV2ONNX_SOURCE_DIR;
constexpr const char* kShapes = TV2ONNX_SOURCE_DIR "/examples/shapes/fasterrcnn_shapes_half.pth";
constexpr const char* kLarge = "fasterrcnn_mobilenet_v3_large_fpn";

std::string in_quotes(const std::filesystem::path& path) {
  return "'" + path.string() + "' ";
}

ToolResult export_to(const std::filesystem::path& output, const std::filesystem::path& checkpoint,
                     const std::string& options = "") {
  return run_tool("export " + in_quotes(checkpoint) + "-o " + in_quotes(output) + options);
}

/// The weights of the bundled detector, to be damaged.
Arrays shapes_weights() {
  Arrays weights;
  const Checkpoint checkpoint = open_checkpoint(kShapes);
  for (const auto& [name, tensor] : checkpoint.tensors) {
    weights.emplace_back(name, make_tensor(tensor.shape, to_float(tensor)));
  }
  return weights;
}

TEST(ExportCommand, SaysInOneLineWhatItWrote) {
  const TemporaryFolder folder;
  const ToolResult result = export_to(folder / "shapes.onnx", kShapes);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(
      result.out,
      MatchesRegex(".*/shapes.onnx  31.8 MiB  opset 17  [0-9]+ nodes  284/284 weights  "
                   "batch x height x width dynamic  [0-9.]+ s\n"
                   "fasterrcnn_mobilenet_v3_large_fpn, 7 classes with background\n(.|\n)*"));
  EXPECT_THAT(result.out, HasSubstr("\n  max_size = 640  (checkpoint)\n"));
  EXPECT_THAT(result.out, Not(HasSubstr("rpn_nms_thresh")));  // the default
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(folder.names(), ElementsAre("shapes.onnx"));
}

TEST(ExportCommand, AnswersAsJson) {
  const TemporaryFolder folder;
  const auto answer = nlohmann::json::parse(export_to(folder / "s.onnx", kShapes, "--json").out);
  EXPECT_EQ(answer["architecture"], kLarge);
  EXPECT_EQ(answer["classes"], 7);
  EXPECT_EQ(answer["settings"]["max_size"]["value"], 640);
  EXPECT_EQ(answer["bytes"], std::filesystem::file_size(folder / "s.onnx"));
}

TEST(ExportCommand, SettingsComeFromFlagsBeforeConfigBeforeCheckpoint) {
  const TemporaryFolder folder;
  write_file(folder / "config.json",
             R"({"min_size": 400, "max_size": 900, "rpn_batch_size_per_image": 256})");
  const ToolResult result =
      export_to(folder / "s.onnx", kShapes,
                "--min-size 500 --config " + in_quotes(folder / "config.json") +
                    "--image-mean 0.5,0.5,0.5 --json");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto settings = nlohmann::json::parse(result.out)["settings"];
  EXPECT_EQ(settings["min_size"]["value"], 500);
  EXPECT_EQ(settings["min_size"]["origin"], "--min-size");
  EXPECT_EQ(settings["max_size"]["value"], 900);
  EXPECT_EQ(settings["image_mean"]["value"], nlohmann::json::parse("[0.5,0.5,0.5]"));
}

TEST(ExportCommand, PreparationOutsideTheModel) {
  const TemporaryFolder folder;
  const ToolResult result = export_to(
      folder / "s.onnx", kShapes,
      "--no-resize --image-mean 0.5 --image-std 0.25 --normalized-with '[0,[0.1,0.2,0.5]]' "
      "--input normalized --json");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto settings = nlohmann::json::parse(result.out)["settings"];
  EXPECT_EQ(settings["no_resize"]["value"], true);
  EXPECT_EQ(settings["no_resize"]["origin"], "--no-resize");
  EXPECT_EQ(settings["image_mean"]["value"], 0.5);
  const auto metadata = read_onnx_summary(folder / "s.onnx").metadata;
  EXPECT_EQ(metadata.at("tv2onnx.input"), "normalized");
  // (x / s - 0.5) / 0.25 = (x - 0.5 s) / (0.25 s)
  EXPECT_EQ(metadata.at("tv2onnx.image_mean"), "[0.05,0.1,0.25]");
  EXPECT_EQ(metadata.at("tv2onnx.image_std"), "[0.025,0.05,0.125]");
  const ToolResult inspected = run_tool("inspect " + in_quotes(folder / "s.onnx"));
  EXPECT_EQ(inspected.exit_code, 0) << inspected.err;
  EXPECT_EQ(export_to(folder / "off.onnx", kShapes, "--no-resize=false").exit_code, 0);
}

TEST(ExportCommand, NumbersPerChannelAreChecked) {
  const TemporaryFolder folder;
  for (const char* wrong :
       {"--image-mean 0.1,0.2", "--image-std 0", "--image-std 0.1,0,0.2",
        "--normalized-with '[0.5,0]'", "--normalized-with 0.5",
        "--normalized-with '[[0.1,0.2],0.5]'", "--image-mean nan",
        "--no-resize --fixed-size 320,320", "--outputs raw --input normalized"}) {
    const ToolResult result = export_to(folder / "s.onnx", kShapes, wrong);
    EXPECT_EQ(result.exit_code, 2) << wrong;
    EXPECT_THAT(result.err, HasSubstr("error[U002]")) << wrong;
  }
  EXPECT_EQ(export_to(folder / "s.onnx", kShapes, "--image-mean 0 --image-std 1").exit_code, 0);
}

TEST(ExportCommand, NanIsNamedByItsKey) {
  const TemporaryFolder folder;
  Arrays weights = shapes_weights();
  for (auto& [name, tensor] : weights) {
    if (name != "roi_heads.box_predictor.cls_score.bias") continue;
    std::vector<float> values = to_float(tensor);
    values[2] = std::numeric_limits<float>::quiet_NaN();
    tensor = make_tensor(tensor.shape, std::move(values));
  }
  testing::write_safetensors(folder / "nan.safetensors", weights);
  const ToolResult result = export_to(folder / "s.onnx", folder / "nan.safetensors");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("error[W006]: roi_heads.box_predictor.cls_score.bias has NaN "
                                    "in 1 of 7 numbers"));
  EXPECT_THAT(folder.names(), ElementsAre("nan.safetensors"));
}

TEST(ExportCommand, TheFileSaysWhatItIs) {
  const TemporaryFolder folder;
  ASSERT_EQ(export_to(folder / "s.onnx", kShapes,
                      "--input uint8 --outputs fixed --bgr --torchvision 0.14.1 --class-names " +
                          in_quotes(std::string(kSource) + "/examples/shapes/classes.txt"))
                .exit_code,
            0);
  const auto metadata = read_onnx_summary(folder / "s.onnx").metadata;
  EXPECT_EQ(metadata.at("tv2onnx.architecture"), kLarge);
  EXPECT_EQ(metadata.at("tv2onnx.input"), "uint8");
  EXPECT_EQ(metadata.at("tv2onnx.outputs"), "fixed");
  EXPECT_EQ(metadata.at("tv2onnx.channel_order"), "bgr");
  EXPECT_EQ(metadata.at("tv2onnx.torchvision"), "0.14");
  EXPECT_EQ(metadata.at("tv2onnx.class_names"),
            R"(["__background__","circle","square","triangle","star","ring","cross"])");
  EXPECT_EQ(nlohmann::json::parse(metadata.at("tv2onnx.config"))["max_size"], 640);
  for (const auto& [key, value] : metadata) {
    EXPECT_THAT(value, Not(HasSubstr(folder.path().string()))) << key;
  }
}

TEST(ExportCommand, StateDictsCannotTellTheTwoBuildersApart) {
  const TemporaryFolder folder;
  testing::write_safetensors(folder / "state.safetensors", shapes_weights());
  const ToolResult result = export_to(folder / "a.onnx", folder / "state.safetensors");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("fasterrcnn_mobilenet_v3_large_320_fpn have the same weights"));
  EXPECT_THAT(result.out, HasSubstr(std::string(kLarge) + ", 7 classes"));
  const ToolResult settled = export_to(folder / "b.onnx", folder / "state.safetensors",
                                       "--arch fasterrcnn_mobilenet_v3_large_320_fpn");
  EXPECT_EQ(settled.exit_code, 0);
  EXPECT_THAT(settled.err, Not(HasSubstr("have the same weights")));
  EXPECT_THAT(settled.err, HasSubstr("a state dict stores neither sizes nor thresholds"));
  EXPECT_THAT(settled.out, HasSubstr("\n  min_size = 320  (default; not in a state dict)\n"));
  EXPECT_THAT(settled.out, HasSubstr("fasterrcnn_mobilenet_v3_large_320_fpn, 7 classes"));
}

TEST(ExportCommand, ExternalDataIsASecondFile) {
  const TemporaryFolder folder;
  ASSERT_EQ(export_to(folder / "s.onnx", kShapes, "--external-data").exit_code, 0);
  EXPECT_THAT(folder.names(), ElementsAre("s.onnx", "s.onnx.data"));
  EXPECT_LT(std::filesystem::file_size(folder / "s.onnx"), 1U << 20);
}

TEST(ExportCommand, CollectsEverythingThatDoesNotFit) {
  const TemporaryFolder folder;
  Arrays weights = shapes_weights();
  for (auto& [name, tensor] : weights) {
    if (name == "roi_heads.box_head.fc7.bias") name = "roi_heads.box_head.fc8.bias";
    if (name == "rpn.head.bbox_pred.bias") tensor = make_tensor({2}, std::vector<float>(2));
  }
  weights.emplace_back("head.weight", make_tensor({10, 1024}, std::vector<float>(10240)));
  testing::write_safetensors(folder / "odd.safetensors", weights);
  const ToolResult result = export_to(folder / "s.onnx", folder / "odd.safetensors");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("error[W003]: the checkpoint does not fit"));
  EXPECT_THAT(result.err, HasSubstr("1 missing, 1 mis-shaped, 2 unused"));
  EXPECT_THAT(result.err, HasSubstr("missing     roi_heads.box_head.fc7.bias [256]"));
  EXPECT_THAT(result.err, HasSubstr("similar: roi_heads.box_head.fc8.bias"));
  EXPECT_THAT(result.err, HasSubstr("rpn.head.bbox_pred.bias [60], found [2]"));
  EXPECT_THAT(result.err, HasSubstr("unused      head.weight [10,1024]"));
  EXPECT_THAT(folder.names(), ElementsAre("odd.safetensors"));
}

TEST(ExportCommand, ClassifiersAreNamed) {
  const TemporaryFolder folder;
  testing::write_safetensors(folder / "resnet.safetensors",
                             {{"layer1.0.conv1.weight", make_tensor({1}, std::vector<float>{0})},
                              {"fc.weight", make_tensor({1}, std::vector<float>{0})}});
  const ToolResult guessed = export_to(folder / "s.onnx", folder / "resnet.safetensors");
  EXPECT_EQ(guessed.exit_code, 3);
  EXPECT_THAT(guessed.err, HasSubstr("error[W001]"));
  EXPECT_THAT(guessed.err,
              HasSubstr("looks like a ResNet of another form than torchvision's, which is not "
                        "supported"));
  const ToolResult forced =
      export_to(folder / "s.onnx", folder / "resnet.safetensors", std::string("--arch ") + kLarge);
  EXPECT_EQ(forced.exit_code, 3);
  EXPECT_THAT(forced.err, HasSubstr("error[W004]"));
  EXPECT_THAT(forced.err, HasSubstr("the weights are those of a ResNet of another form than "
                                    "torchvision's, not of " +
                                    std::string(kLarge)));
}

struct BadInput {
  std::string name;
  std::string file;  ///< below the source tree
  std::string code;
  std::string message;
};
class BadInputs : public ::testing::TestWithParam<BadInput> {};

TEST_P(BadInputs, AreNamed) {
  const TemporaryFolder folder;
  const std::filesystem::path file = std::filesystem::path(kSource) / GetParam().file;
  const ToolResult result = export_to(folder / "s.onnx", file);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, StartsWith("error[" + GetParam().code + "]"));
  EXPECT_THAT(result.err, HasSubstr(file.string()));
  EXPECT_THAT(result.err, HasSubstr(GetParam().message));
  EXPECT_THAT(result.err, HasSubstr("\n  hint:"));
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(folder.names(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Export, BadInputs,
    ::testing::Values(BadInput{"Empty", "tests/hostile/empty.pth", "C002", "empty"},
                      BadInput{"Directory", "tests/hostile", "C001", "directory"},
                      BadInput{"Missing", "no/such.pth", "C001", "No such file"},
                      BadInput{"TorchScript", "tests/golden/checkpoint/zip_torchscript_frozen.pt",
                               "C005", "TorchScript"},
                      BadInput{"LfsPointer", "tests/hostile/lfs_pointer.pth", "C003", "LFS"},
                      BadInput{"Optimizer", "tests/golden/checkpoint/zip_optimizer.pth", "C010",
                               "optimizer"},
                      BadInput{"Photo", "examples/shapes/images/000.jpg", "C003", "JPEG"},
                      BadInput{"Onnx", "tests/golden/runtime/batched.onnx", "C003", "ONNX"}),
    [](const auto& tested) { return tested.param.name; });

TEST(ExportCommand, UsageErrorsAreTwoAndNameTheNearest) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& options, const std::string& message) {
    const ToolResult result = export_to(folder / "s.onnx", kShapes, options);
    EXPECT_EQ(result.exit_code, 2) << options;
    EXPECT_THAT(result.err, HasSubstr(message)) << options;
    EXPECT_THAT(folder.names(), IsEmpty()) << options;
  };
  refused("--opset 10", "11");
  refused("--opset 22", "21");
  refused("--arch fasterrcnn_mobilenet_v3_large_fpm", std::string("did you mean ") + kLarge);
  refused("--box-score-tresh 0.5", "did you mean --box-score-thresh?");
  refused("--box-score-thresh 1.5", "box_score_thresh must be 0 to 1, got 1.5");
  refused("--min-size two", "neither a number nor a list");
  refused("--input bytes",
          "--input has no value 'bytes'\n  expected  float | uint8 | auto | normalized\n");
  refused("--input floot", "did you mean --input float?");
  refused("--minsize 400", "export has no option --minsize\n  hint:     did you mean --min-size?");
  refused("--arch fasterrcnn_mobilenet", std::string("did you mean ") + kLarge);
  refused("--score-thresh 0.5", "did you mean box_score_thresh?");
  refused("--fix-size 3 --coco-images x --fix", "export has no option --fix-size");
  refused("--torchvision latest", "two numbers");
  const TemporaryFolder settings;
  write_file(settings / "empty.json", "");
  refused("--config " + (settings / "empty.json").string(), "JSON");
  refused("--masks roi", std::string(kLarge) + " finds no masks");
}

TEST(ExportCommand, DevicesAreNoConfiguration) {
  const TemporaryFolder folder;
  const ToolResult result = export_to(folder / "s.onnx", kShapes, "--config /dev/null");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("error[C001]: this is a pipe or a device"));
}

TEST(ExportCommand, ExistingFilesAreKept) {
  const TemporaryFolder folder;
  write_file(folder / "s.onnx", "precious");
  const ToolResult result = export_to(folder / "s.onnx", kShapes);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("error[O004]"));
  EXPECT_EQ(testing::read_file(folder / "s.onnx"), "precious");
  EXPECT_EQ(export_to(folder / "s.onnx", kShapes, "-f").exit_code, 0);
  EXPECT_NE(testing::read_file(folder / "s.onnx"), "precious");
}

TEST(ExportCommand, UnwritableOutputs) {
  const TemporaryFolder folder;
  for (const std::string& output : {std::string("none/s.onnx"), std::string(".")}) {
    const ToolResult result = export_to(folder / output, kShapes);
    EXPECT_EQ(result.exit_code, 3) << output;
    EXPECT_THAT(result.err, HasSubstr("error[O003]"));
    EXPECT_THAT(result.err, HasSubstr("hint:"));
  }
  EXPECT_THAT(folder.names(), IsEmpty());
}

TEST(ExportCommand, AFullDiskLeavesNothingBehind) {
  const TemporaryFolder folder;
  const std::string command = "ulimit -f 4096; '" TV2ONNX_BINARY "' export " + in_quotes(kShapes) +
                              "-o " + in_quotes(folder / "s.onnx") + "2> " +
                              in_quotes(folder / "message");
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 3);
  EXPECT_THAT(testing::read_file(folder / "message"), HasSubstr("error[O003]: cannot write"));
  EXPECT_THAT(folder.names(), ElementsAre("message"));
}

/// Runs an export and interrupts it after some time, wherever it is then.
int interrupted(const std::filesystem::path& output, std::chrono::milliseconds after) {
  const pid_t child = fork();
  if (child == 0) {
    execl(TV2ONNX_BINARY, TV2ONNX_BINARY, "-q", "export", kShapes, "-o", output.c_str(), nullptr);
    _exit(127);
  }
  std::this_thread::sleep_for(after);
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

TEST(ExportCommand, AnInterruptLeavesTheWholeFileOrNone) {
  for (int milliseconds = 2; milliseconds < 120; milliseconds += 9) {
    const TemporaryFolder folder;
    const int ended = interrupted(folder / "s.onnx", std::chrono::milliseconds(milliseconds));
    EXPECT_THAT(ended, AnyOf(0, -SIGINT));
    if (folder.names().empty()) continue;
    EXPECT_THAT(folder.names(), ElementsAre("s.onnx"));
    EXPECT_NO_THROW(read_onnx_summary(folder / "s.onnx"));
  }
}

}  // namespace
}  // namespace tv2onnx
