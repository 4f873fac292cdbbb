#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;

TEST(Recognise, ModelsOfOtherProjectsAreNamed) {
  Checkpoint checkpoint;
  checkpoint.globals = {{"torch._utils._rebuild_tensor_v2", 9, false},
                        {"ultralytics.nn.tasks.DetectionModel", 1, true}};
  const Recognition guess = recognise(checkpoint);
  EXPECT_EQ(guess.model(), nullptr);
  EXPECT_EQ(guess.name, "a YOLO model of ultralytics");
  EXPECT_THAT(guess.reasons, ElementsAre("refers to ultralytics.nn.tasks.DetectionModel"));
}

TEST(Recognise, KeysTellMoreThanWhatATrainingScriptLeftBehind) {
  Checkpoint checkpoint;
  checkpoint.globals = {{"detectron2.config.CfgNode", 1, true}};
  const Tensor weight = make_tensor({1}, std::vector<float>{0});
  checkpoint.tensors = {{"layer1.0.conv1.weight", weight}, {"fc.weight", weight}};
  EXPECT_EQ(recognise(checkpoint).name, "a ResNet classifier");
}

}  // namespace
}  // namespace tv2onnx
