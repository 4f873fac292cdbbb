#include "doctor/torch_release.h"

#include <gtest/gtest.h>

namespace tv2onnx::doctor {
namespace {

std::optional<TorchvisionVersion> release(const char* producer, const char* version) {
  OnnxModel model;
  model.producer = producer;
  model.producer_version = version;
  return torchvision_of(model);
}

TEST(TorchRelease, TorchvisionGoesInStepWithTorch) {
  EXPECT_EQ(release("pytorch", "1.13.0"), (TorchvisionVersion{0, 14}));
  EXPECT_EQ(release("pytorch", "1.9"), (TorchvisionVersion{0, 10}));
  EXPECT_EQ(release("pytorch", "2.0.1"), (TorchvisionVersion{0, 15}));
  EXPECT_EQ(release("pytorch", "2.6.0"), (TorchvisionVersion{0, 21}));
}

TEST(TorchRelease, IsNotGuessedForOthers) {
  EXPECT_EQ(release("onnx-simplifier", "2.6.0"), std::nullopt);
  EXPECT_EQ(release("pytorch", ""), std::nullopt);
  EXPECT_EQ(release("pytorch", "nightly"), std::nullopt);
}

}  // namespace
}  // namespace tv2onnx::doctor
