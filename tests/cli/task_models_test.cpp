// What commands say about models of segmentation and optical flow: their checkpoints, their files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "onnx/model.h"
#include "rewrite/edit.h"
#include "support/designed_weights.h"
#include "support/files.h"
#include "support/run_tool.h"
#include "support/sketch.h"
#include "support/task_golden.h"
#include "tv2onnx/image.h"
#include "verify/safetensors_file.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run_tool;
using testing::ToolResult;

/// Checkpoints of a few megabytes.
class TaskCommands : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return "'" + (folder_ / name).string() + "'"; }
  void save(const char* builder) {
    testing::Arrays tensors;
    const Checkpoint checkpoint = testing::checkpoint_of_case(testing::task_case(builder));
    for (const auto& [key, tensor] : checkpoint.tensors) tensors.emplace_back(key, tensor);
    testing::write_safetensors(folder_ / "model.safetensors", tensors);
  }
  ToolResult exported(const std::string& options) {
    return run_tool("export -f " + path("model.safetensors") + " -o " + path("m.onnx") + " " +
                    options);
  }

  /// A square of noise.
  void save_image(const std::string& name, std::int64_t side) {
    const std::vector<double> noise =
        testing::noise(name, static_cast<std::size_t>(side * side * 3));
    std::vector<std::uint8_t> pixels;
    for (const double value : noise) {
      pixels.push_back(static_cast<std::uint8_t>(127.5 * (value + 1)));
    }
    const std::vector<std::byte> file =
        encode_image(make_tensor({1, side, side, 3}, std::move(pixels)), ImageFormat::kPng);
    testing::write_file(folder_ / name, {reinterpret_cast<const char*>(file.data()), file.size()});
  }

  testing::TemporaryFolder folder_;
};

const std::string kPhotos = " '" TV2ONNX_SOURCE_DIR "/examples/shapes/images'";

TEST_F(TaskCommands, SegmentationGivesLabelsUnlessAsked) {
  save("lraspp_mobilenet_v3_large");
  const auto report = nlohmann::json::parse(exported("--json").out);
  EXPECT_EQ(report["task"], "segmentation");
  EXPECT_EQ(report["architecture"], "lraspp_mobilenet_v3_large");
  EXPECT_EQ(report["classes"], 5);
  EXPECT_EQ(report["outputs"], "labels");
  EXPECT_THAT(run_tool("inspect " + path("m.onnx")).out,
              AllOf(HasSubstr("tv2onnx.task: segmentation"), HasSubstr("tv2onnx.outputs: labels"),
                    HasSubstr("tv2onnx.preprocess: full")));
  const ToolResult text = exported("--outputs logits --preprocess none");
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("5 classes with background"), HasSubstr("logits")));
  EXPECT_THAT(text.err, HasSubstr("dilated = true"));
  EXPECT_THAT(exported("--dilated true").err, Not(HasSubstr("dilated = true")));
}

TEST_F(TaskCommands, InspectNamesTheTask) {
  save("lraspp_mobilenet_v3_large");
  EXPECT_THAT(run_tool("inspect " + path("model.safetensors")).out,
              AllOf(HasSubstr("lraspp_mobilenet_v3_large"), HasSubstr("segmentation"),
                    HasSubstr("5 classes with background"), HasSubstr("note: dilated = true")));
  save("raft_small");
  EXPECT_THAT(run_tool("inspect " + path("model.safetensors")).out,
              AllOf(HasSubstr("raft_small"), HasSubstr("flow"), Not(HasSubstr("classes")),
                    HasSubstr("num_flow_updates = 12")));
}

TEST_F(TaskCommands, OptionsOfOtherTasksAreRefused) {
  save("lraspp_mobilenet_v3_large");
  for (const char* option :
       {"--outputs topk", "--outputs flat", "--masks full", "--size 64x64", "--top 3",
        "--num-flow-updates 3", "--atrous-rates 1,2,3", "--crop-size 32"}) {
    EXPECT_EQ(exported(option).exit_code, 2) << option;
  }
  save("raft_small");
  for (const char* option :
       {"--outputs labels", "--input uint8", "--bgr", "--preprocess full", "--size 128x128",
        "--masks full", "--num-flow-updates 0", "--crop-size 64", "--resize-size 128"}) {
    EXPECT_EQ(exported(option).exit_code, 2) << option;
  }
  EXPECT_EQ(exported("--num-flow-updates 2 --preprocess none --outputs flow").exit_code, 0);
}

TEST_F(TaskCommands, CommandsOfOtherTasksSayWhatTheFileIs) {
  save("lraspp_mobilenet_v3_large");
  ASSERT_EQ(exported("").exit_code, 0);
  for (const std::string& command :
       {"detect " + path("m.onnx") + kPhotos, "evaluate " + path("m.onnx") + kPhotos}) {
    const ToolResult result = run_tool(command);
    EXPECT_NE(result.exit_code, 0) << command;
    EXPECT_THAT(result.err, AllOf(HasSubstr("segment"), Not(HasSubstr("[n,4]")))) << command;
  }
}

TEST_F(TaskCommands, PredictSegments) {
  save("lraspp_mobilenet_v3_large");
  testing::write_file(folder_ / "five.txt", "__background__\nant\nbee\ncat\ndog\n");
  ASSERT_EQ(exported("--resize-size 61 --class-names " + path("five.txt")).exit_code, 0);
  const ToolResult table = run_tool("predict " + path("m.onnx") + kPhotos + " -o " + path("drawn") +
                                    " --label-maps " + path("labels"));
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_THAT(table.out, AllOf(HasSubstr("AREA"), HasSubstr("000.jpg"), HasSubstr(" %")));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "drawn/000.jpg"));
  EXPECT_EQ(read_image(folder_ / "labels/000.png").shape,
            read_image(TV2ONNX_SOURCE_DIR "/examples/shapes/images/000.jpg").shape);
  const auto report =
      nlohmann::json::parse(run_tool("predict " + path("m.onnx") + kPhotos + " --json -").out);
  ASSERT_EQ(report["images"].size(), 6);
  double all = 0;
  for (const auto& one : report["images"][0]["classes"]) all += one["share"].get<double>();
  EXPECT_NEAR(all, 1, 1e-9);
  EXPECT_THAT(run_tool("predict " + path("m.onnx") + kPhotos + " -f -o " + path("labels") +
                       " --label-maps " + path("labels"))
                  .err,
              HasSubstr("two outputs of the command go into one folder"));
}

TEST_F(TaskCommands, PredictFlows) {
  save("raft_small");
  ASSERT_EQ(exported("--num-flow-updates 1").exit_code, 0);
  for (const int side : {128, 136}) {
    for (const char* name : {"f2", "f10", "f1"}) {
      const std::string folder = "of_" + std::to_string(side);
      std::filesystem::create_directories(folder_ / folder);
      save_image(folder + "/" + name + ".png", side);
    }
  }
  save_image("small.png", 64);
  const ToolResult folder = run_tool("predict " + path("m.onnx") + " " + path("of_128") + " -o " +
                                     path("drawn") + " --flo " + path("flow"));
  EXPECT_EQ(folder.exit_code, 0) << folder.err;
  EXPECT_EQ(std::ranges::count(folder.out, '\n'), 3);
  EXPECT_LT(folder.out.find("f1.png"), folder.out.find("f10.png"));  // f1 f2, f2 f10
  EXPECT_TRUE(std::filesystem::exists(folder_ / "drawn/f1_flow.png"));
  EXPECT_EQ(std::filesystem::file_size(folder_ / "flow/f2.flo"), 12 + 128 * 128 * 8);
  const std::string predict = "predict " + path("m.onnx") + " ";
  const ToolResult sizes = run_tool(predict + path("of_128/f1.png") + " " + path("of_136/f1.png"));
  EXPECT_EQ(sizes.exit_code, 3);
  EXPECT_THAT(sizes.err, AllOf(HasSubstr("128x128"), HasSubstr("136x136")));
  EXPECT_THAT(run_tool(predict + path("small.png") + " " + path("small.png")).err,
              HasSubstr("at least 128x128"));
  EXPECT_THAT(run_tool(predict + path("small.png")).err, HasSubstr("one image"));
  EXPECT_THAT(run_tool(predict + path("small.png") + " " + path("of_128")).err,
              HasSubstr("files and folders together"));
  std::filesystem::create_directories(folder_ / "empty");
  EXPECT_THAT(run_tool(predict + path("empty")).err, HasSubstr("I005"));
  save_image("empty/alone.png", 128);
  EXPECT_THAT(run_tool(predict + path("empty")).err, HasSubstr("at least two"));
}

/// RAFT takes no other sizes than multiples of 8, which is no fault of a file.
TEST_F(TaskCommands, TheDoctorShowsPairsOfSizesThatRaftTakes) {
  save("raft_small");
  ASSERT_EQ(exported("--num-flow-updates 1").exit_code, 0);
  OnnxModel model = read_onnx_model(folder_ / "m.onnx");
  model.metadata.clear();
  for (OnnxNode& node : model.graph.nodes) {
    for (std::string& output : node.outputs) {
      if (output == "flow") {
        output = "moved";
        node.source = {};
      }
    }
  }
  // The root of a length, as torch 1.13 writes it.
  model.graph.initializers.push_back(
      stored_tensor("last", make_tensor({}, std::vector<std::int64_t>{3})));
  for (const OnnxNode& node :
       {node_of("Shape", {"image1"}, "sizes"), node_of("Gather", {"sizes", "last"}, "length"),
        node_of("Sqrt", {"length"}, "root"), node_of("Div", {"root", "root"}, "one"),
        node_of("Mul", {"moved", "one"}, "flow")}) {
    model.graph.nodes.push_back(node);
  }
  testing::save(model, folder_ / "root.onnx");
  const ToolResult fixed = run_tool("doctor " + path("root.onnx") + " --fix " + path("fixed.onnx"));
  EXPECT_EQ(fixed.exit_code, 0) << fixed.out << fixed.err;
  EXPECT_THAT(fixed.out, AllOf(HasSubstr("drawn 192x160"), HasSubstr("now healthy"),
                               Not(HasSubstr("97x130"))));
}

TEST_F(TaskCommands, PredictClassifiesClips) {
  testing::Arrays tensors;
  const Checkpoint& checkpoint = testing::checkpoint_of_case(testing::task_case("mc3_18"));
  for (const auto& [key, tensor] : checkpoint.tensors) tensors.emplace_back(key, tensor);
  testing::write_safetensors(folder_ / "model.safetensors", tensors);
  ASSERT_EQ(exported("--resize-size 24,32 --crop-size 24").exit_code, 0);
  for (int k = 1; k <= 12; ++k) {
    std::filesystem::create_directories(folder_ / "clips/one");
    save_image("clips/one/f" + std::to_string(k) + ".png", 40);
  }
  const std::string predict = "predict " + path("m.onnx") + " ";
  const ToolResult table = run_tool(predict + path("clips/one") + " --top 2 -o " + path("drawn"));
  EXPECT_EQ(table.exit_code, 0) << table.err;
  EXPECT_THAT(table.out, AllOf(HasSubstr("CLIP"), HasSubstr("clips/one")));
  EXPECT_EQ(std::ranges::count(table.out, '\n'), 3);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "drawn/one.png"));
  const auto report = nlohmann::json::parse(
      run_tool(predict + path("clips") + " --recursive --frames 4 --json -").out);
  EXPECT_EQ(report["clips"][0]["frames"], 4);
  EXPECT_EQ(report["clips"][0]["classes"].size(), 5);
  EXPECT_THAT(run_tool(predict + path("clips")).err, HasSubstr("--recursive"));
  EXPECT_THAT(run_tool(predict + path("clips/one/f1.png")).err,
              HasSubstr("a file where a clip is expected"));
  EXPECT_THAT(run_tool(predict + path("nowhere")).err, HasSubstr("no such folder"));
  save_image("clips/one/.f3.png", 40);  // is no frame
  EXPECT_EQ(nlohmann::json::parse(
                run_tool(predict + path("clips/one") + " --json -").out)["clips"][0]["frames"],
            12);
  save_image("clips/one/f13.png", 56);
  const ToolResult sizes = run_tool(predict + path("clips/one"));
  EXPECT_EQ(sizes.exit_code, 3);
  EXPECT_THAT(sizes.err, AllOf(HasSubstr("f13.png"), HasSubstr("56x56")));
}

TEST_F(TaskCommands, OptionsOfPredictHaveTheirTasks) {
  save("raft_small");
  ASSERT_EQ(exported("--num-flow-updates 1").exit_code, 0);
  for (const char* option : {"--score 0.1", "--top 2", "--label-maps x", "--frames 3"}) {
    const ToolResult result = run_tool("predict " + path("m.onnx") + kPhotos + " " + option);
    EXPECT_EQ(result.exit_code, 2) << option;
    EXPECT_THAT(result.err, HasSubstr("the file is a flow model")) << option;
  }
}

/// Against itself, and with other weights.
TEST_F(TaskCommands, VerifyComparesFiles) {
  save("raft_small");
  ASSERT_EQ(exported("--num-flow-updates 1").exit_code, 0);
  const ToolResult same =
      run_tool("verify " + path("m.onnx") + " --against " + path("m.onnx") + " --sizes quick");
  EXPECT_EQ(same.exit_code, 0) << same.err << same.out;
  EXPECT_THAT(same.out, AllOf(HasSubstr("MEAN END POINT"), HasSubstr("moving_128x128")));
  std::filesystem::rename(folder_ / "m.onnx", folder_ / "one.onnx");
  ASSERT_EQ(exported("--num-flow-updates 2").exit_code, 0);
  EXPECT_EQ(run_tool("verify " + path("m.onnx") + " --against " + path("one.onnx")).exit_code, 1);
}

}  // namespace
}  // namespace tv2onnx
