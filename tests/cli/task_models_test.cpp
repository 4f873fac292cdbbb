// What commands say about models of segmentation and optical flow: their checkpoints, their files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/designed_weights.h"
#include "support/files.h"
#include "support/run_tool.h"
#include "support/task_golden.h"
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

  testing::TemporaryFolder folder_;
};

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
  for (const char* option : {"--outputs topk", "--outputs flat", "--masks full", "--size 64x64",
                             "--top 3", "--num-flow-updates 3", "--atrous-rates 1,2,3"}) {
    EXPECT_EQ(exported(option).exit_code, 2) << option;
  }
  save("raft_small");
  for (const char* option : {"--outputs labels", "--input uint8", "--bgr", "--preprocess full",
                             "--size 128x128", "--masks full", "--num-flow-updates 0"}) {
    EXPECT_EQ(exported(option).exit_code, 2) << option;
  }
  EXPECT_EQ(exported("--num-flow-updates 2 --preprocess none --outputs flow").exit_code, 0);
}

TEST_F(TaskCommands, CommandsThatRunFilesSayWhatTheyAre) {
  save("lraspp_mobilenet_v3_large");
  ASSERT_EQ(exported("").exit_code, 0);
  const std::string photo = " '" TV2ONNX_SOURCE_DIR "/examples/shapes/images'";
  for (const std::string& command :
       {"detect " + path("m.onnx") + photo, "predict " + path("m.onnx") + photo}) {
    const ToolResult result = run_tool(command);
    EXPECT_NE(result.exit_code, 0) << command;
    EXPECT_THAT(result.err, AllOf(HasSubstr("segment"), Not(HasSubstr("[n,4]")))) << command;
  }
}

}  // namespace
}  // namespace tv2onnx
