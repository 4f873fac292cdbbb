#include "checkpoint/identities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kSequential = "torch.nn.modules.container.Sequential";
constexpr const char* kDropout = "torch.nn.modules.dropout.Dropout";
constexpr const char* kLinear = "torch.nn.modules.linear.Linear";
constexpr const char* kHead = "torchvision.models.detection.faster_rcnn.TwoMLPHead";

struct Result {
  std::vector<std::string> paths;
  std::vector<std::string> keys;
  std::vector<std::string> left_out;
};

/// A checkpoint of these paths and classes; all but containers and Dropout have a weight.
Result without(const std::vector<std::pair<std::string, std::string>>& modules,
               const std::string& hooked = "-") {
  Checkpoint checkpoint;
  for (const auto& [path, class_name] : modules) {
    checkpoint.modules.push_back({.path = path, .class_name = class_name, .attributes = {}});
    if (path == hooked) checkpoint.modules.back().hooks = {"hook"};
    if (class_name == kLinear) checkpoint.tensors.push_back({path + ".weight", {}});
  }
  leave_out_identities(checkpoint);
  Result result{.paths = {}, .keys = {}, .left_out = checkpoint.left_out};
  for (const ModuleInfo& module : checkpoint.modules) result.paths.push_back(module.path);
  for (const NamedTensor& tensor : checkpoint.tensors) result.keys.push_back(tensor.name);
  return result;
}

TEST(Identities, WhatThenStandsAloneGetsThePlaceOfItsSequential) {
  const Result result = without({{"", "Net"},
                                 {"head", kSequential},
                                 {"head.0", kHead},
                                 {"head.0.fc6", kLinear},
                                 {"head.1", kDropout}});
  EXPECT_THAT(result.paths, ElementsAre("", "head", "head.fc6"));
  EXPECT_THAT(result.keys, ElementsAre("head.fc6.weight"));
  EXPECT_THAT(result.left_out, ElementsAre("head.1 (torch.nn.modules.dropout.Dropout)"));
}

TEST(Identities, WhatStandsBehindThemGetsTheirNumbers) {
  const Result result = without({{"head", kSequential},
                                 {"head.0", kDropout},
                                 {"head.1", kLinear},
                                 {"head.2", kDropout},
                                 {"head.3", kLinear},
                                 {"head.10", "not a number of this list"}});
  // The name 10 is no place in the order, so nothing is renumbered.
  EXPECT_THAT(result.keys, ElementsAre("head.1.weight", "head.3.weight"));
  EXPECT_THAT(without({{"head", kSequential},
                       {"head.0", kDropout},
                       {"head.1", kLinear},
                       {"head.2", kDropout},
                       {"head.3", kLinear}})
                  .keys,
              ElementsAre("head.0.weight", "head.1.weight"));
}

TEST(Identities, NestedSequentialsAndTheRoot) {
  const Result result = without({{"", kSequential},
                                 {"0", kSequential},
                                 {"0.0", kDropout},
                                 {"0.1", kLinear},
                                 {"1", kDropout}});
  EXPECT_THAT(result.paths, ElementsAre(""));
  EXPECT_THAT(result.keys, ElementsAre("weight"));
}

TEST(Identities, BlocksKeepTheirNumbers) {
  const Result result = without({{"layer1", kSequential},
                                 {"layer1.0", "torchvision.models.resnet.Bottleneck"},
                                 {"layer1.0.fc", kLinear},
                                 {"layer1.1", kDropout}});
  EXPECT_THAT(result.keys, ElementsAre("layer1.0.fc.weight"));
}

TEST(Identities, WithAHookStay) {
  EXPECT_THAT(without({{"head", kSequential}, {"head.0", kLinear}, {"head.1", kDropout}}, "head.1")
                  .left_out,
              IsEmpty());
  EXPECT_THAT(
      without({{"head", kSequential}, {"head.0", kLinear}, {"head.1", kDropout}}, "head").left_out,
      IsEmpty());
}

TEST(Identities, OfClassesWithTheirOwnForwardStay) {
  EXPECT_THAT(without({{"head", "__main__.Sequential"}, {"head.0", kLinear}, {"head.1", kDropout}})
                  .left_out,
              IsEmpty());
}

}  // namespace
}  // namespace tv2onnx
