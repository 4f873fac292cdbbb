// What every command says about a classifier: its checkpoint, and its file.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "support/designed_weights.h"
#include "support/files.h"
#include "support/run_tool.h"
#include "verify/safetensors_file.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run_tool;
using testing::ToolResult;

/// A SqueezeNet of ten classes, as checkpoint and exported.
class ClassifierCommands : public ::testing::Test {
 protected:
  static Checkpoint squeezenet() {
    testing::TensorList tensors = testing::builder_tensors().at("squeezenet1_1");
    for (auto& [key, shape] : tensors) {
      if (shape[0] == 1000) shape[0] = 10;
    }
    return testing::with_designed_values(tensors, {});
  }
  void save(const Checkpoint& checkpoint, const std::string& name) {
    testing::Arrays tensors;
    for (const auto& [key, tensor] : checkpoint.tensors) tensors.emplace_back(key, tensor);
    testing::write_safetensors(folder_ / name, tensors);
  }
  std::string path(const std::string& name) const { return "'" + (folder_ / name).string() + "'"; }
  void SetUp() override {
    save(squeezenet(), "squeeze.safetensors");
    exported_ = run_tool("export " + path("squeeze.safetensors") + " -o " + path("m.onnx"));
    ASSERT_EQ(exported_.exit_code, 0) << exported_.err;
  }
  /// No box, no anchor, no crash.
  static void expect_refusal(const ToolResult& result, const std::string& sentence) {
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr(sentence), Not(HasSubstr("[n,4]"))));
  }

  testing::TemporaryFolder folder_;
  ToolResult exported_;
};

TEST_F(ClassifierCommands, ExportSaysWhatTheFileTakesAndGives) {
  EXPECT_THAT(exported_.out,
              AllOf(HasSubstr("squeezenet1_1, 10 classes\n"),
                    HasSubstr("input: RGB / 255, minus 0.485 0.456 0.406, divided by 0.229 0.224 "
                              "0.225; output: logits")));
  EXPECT_THAT(exported_.err, Not(HasSubstr("threshold")));
  const auto report = nlohmann::json::parse(
      run_tool("export --json -f " + path("squeeze.safetensors") + " -o " + path("m.onnx")).out);
  EXPECT_EQ(report["task"], "classification");
  EXPECT_EQ(report["classes"], 10);
}

TEST_F(ClassifierCommands, InspectShowsTheTask) {
  const std::string checkpoint = run_tool("inspect " + path("squeeze.safetensors")).out;
  EXPECT_THAT(checkpoint,
              AllOf(HasSubstr("squeezenet1_1"), HasSubstr("classification"), HasSubstr("RGB / 255"),
                    HasSubstr("classes       10 classes\n"), Not(HasSubstr("background"))));
  const std::string file = run_tool("inspect " + path("m.onnx")).out;
  EXPECT_THAT(
      file, AllOf(HasSubstr("tv2onnx.task: classification"), HasSubstr("tv2onnx.input: normalized"),
                  HasSubstr("tv2onnx.outputs: logits"), HasSubstr("image_mean")));
}

TEST_F(ClassifierCommands, DetectAndBenchSayThatItIsNoDetector) {
  const std::string photo = "'" TV2ONNX_SOURCE_DIR "/examples/shapes/images'";
  expect_refusal(run_tool("detect " + path("m.onnx") + " " + photo),
                 "the file is a classifier (squeezenet1_1)");
  expect_refusal(run_tool("bench " + path("m.onnx")), "the file is a classifier (squeezenet1_1)");
  expect_refusal(run_tool("verify " + path("m.onnx") + " --against " + path("squeeze.safetensors")),
                 "the file is a classifier (squeezenet1_1)");
}

TEST_F(ClassifierCommands, DoctorFindsNothingWrong) {
  const ToolResult result = run_tool("doctor " + path("m.onnx"));
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, AllOf(HasSubstr("healthy"), HasSubstr("mean 0.485 0.456 0.406")));
}

TEST_F(ClassifierCommands, OptionsOfDetectorsAreRefused) {
  for (const char* option : {"--input uint8", "--bgr", "--outputs flat", "--masks full",
                             "--size 64x64", "--box-score-thresh 0.3"}) {
    const ToolResult result = run_tool("export -f " + path("squeeze.safetensors") + " -o " +
                                       path("m.onnx") + " " + option);
    EXPECT_EQ(result.exit_code, 2) << option << result.err;
  }
}

TEST_F(ClassifierCommands, ClassNamesHaveNoBackground) {
  testing::write_file(folder_ / "ten.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
  testing::write_file(folder_ / "nine.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\n");
  const std::string export_with =
      "export -f " + path("squeeze.safetensors") + " -o " + path("m.onnx") + " --class-names ";
  EXPECT_EQ(run_tool(export_with + path("ten.txt")).exit_code, 0);
  EXPECT_THAT(run_tool("inspect " + path("m.onnx")).out, HasSubstr(R"(["a","b","c")"));
  const ToolResult nine = run_tool(export_with + path("nine.txt"));
  EXPECT_EQ(nine.exit_code, 2);
  EXPECT_THAT(nine.err, AllOf(HasSubstr("9 class names, the model 10 classes"),
                              Not(HasSubstr("background"))));
}

TEST_F(ClassifierCommands, WeightsThatAreNoNumbersAreRefused) {
  Checkpoint checkpoint = squeezenet();
  const auto last = std::ranges::find(checkpoint.tensors, "classifier.1.bias", &NamedTensor::name);
  last->tensor = make_tensor({10}, std::vector(10, std::numeric_limits<float>::quiet_NaN()));
  save(checkpoint, "nan.safetensors");
  const ToolResult result =
      run_tool("export " + path("nan.safetensors") + " -o " + path("nan.onnx"));
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("W006"), HasSubstr("classifier.1.bias")));
}

TEST_F(ClassifierCommands, AnotherNameIsRefused) {
  const ToolResult result = run_tool("export -f " + path("squeeze.safetensors") + " -o " +
                                     path("m.onnx") + " --arch resnet18");
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("the weights are those of squeezenet1_1, not of resnet18"));
}

}  // namespace
}  // namespace tv2onnx
