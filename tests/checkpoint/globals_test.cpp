#include "checkpoint/globals.h"

#include <gtest/gtest.h>

namespace tv2onnx {
namespace {

TEST(Globals, WhatTorchAndTorchvisionSaveIsHarmless) {
  EXPECT_TRUE(is_harmless_global("torch._utils", "_rebuild_tensor_v2"));
  EXPECT_TRUE(is_harmless_global("torch", "FloatStorage"));
  EXPECT_TRUE(is_harmless_global("torch.cuda", "HalfStorage"));
  EXPECT_TRUE(is_harmless_global("torch", "float16"));
  EXPECT_TRUE(is_harmless_global("__builtin__", "set"));
  EXPECT_TRUE(is_harmless_global("torch.nn.modules.batchnorm", "BatchNorm2d"));
  EXPECT_TRUE(is_harmless_global("torchvision.models.detection.faster_rcnn", "FasterRCNN"));
  EXPECT_TRUE(is_harmless_global("torchvision.models.detection._utils", "Matcher"));
}

TEST(Globals, FunctionsAndOtherCodeAreNot) {
  EXPECT_FALSE(is_harmless_global("torch", "load"));
  EXPECT_FALSE(is_harmless_global("torch.hub", "load"));
  EXPECT_FALSE(is_harmless_global("torchvision.models.utils", "load_state_dict_from_url"));
  EXPECT_FALSE(is_harmless_global("torch.nn.modules.module", "Module.apply"));
  EXPECT_FALSE(is_harmless_global("torch.nn.modules.module", "torch.hub.load"));
  EXPECT_FALSE(is_harmless_global("my.models", "Net"));
  EXPECT_FALSE(is_harmless_global("builtins", "getattr"));
}

TEST(Globals, AttacksAreKnownByModuleAndByName) {
  EXPECT_TRUE(is_attack_global("os", "system"));
  EXPECT_TRUE(is_attack_global("posix", "system"));
  EXPECT_TRUE(is_attack_global("os.path", "os.system"));
  EXPECT_TRUE(is_attack_global("subprocess", "Popen"));
  EXPECT_TRUE(is_attack_global("__builtin__", "eval"));
  EXPECT_TRUE(is_attack_global("builtins", "exec.__call__"));
  EXPECT_FALSE(is_attack_global("builtins", "set"));
  EXPECT_FALSE(is_attack_global("collections", "OrderedDict"));
  EXPECT_FALSE(is_attack_global("my.models", "Net"));
}

}  // namespace
}  // namespace tv2onnx
