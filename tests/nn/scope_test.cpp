#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "nn/module_kinds.h"
#include "support/tensors.h"
#include "tv2onnx/nn.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::random_tensor;
using ::testing::SizeIs;

class ScopeTest : public ::testing::Test {
 protected:
  ScopeTest() {
    for (const auto& [key, shape] : {std::pair<std::string, Shape>("layer1.0.weight", {4, 3}),
                                     {"layer1.0.bias", {4}},
                                     {"layer1.bn.num_batches_tracked", {}},
                                     {"head.weight", {2, 4}}}) {
      tensors_[key] = random_tensor(shape, 0, 1, 1);
      source_.keys.push_back(key);
    }
    modules_ = {{.path = "", .class_name = "Net", .attributes = {}},
                {.path = "layer1.bn", .class_name = "Norm", .attributes = {{"eps", {0.001}}}}};
    source_.find = [this](std::string_view key) -> const Tensor* {
      const auto found = tensors_.find(std::string(key));
      return found != tensors_.end() ? &found->second : nullptr;
    };
    source_.module = [this](std::string_view path) -> const ModuleInfo* {
      const auto found = std::ranges::find(modules_, path, &ModuleInfo::path);
      return found != modules_.end() ? &*found : nullptr;
    };
  }

  std::map<std::string, Tensor> tensors_;
  std::vector<ModuleInfo> modules_;
  WeightSource source_;
  LoadReport report_;
  Graph graph_{17};
  Scope root_{graph_, source_, report_};
};

TEST_F(ScopeTest, WalksDownByNameAndNumber) {
  EXPECT_EQ(root_.prefix(), "");
  EXPECT_EQ((root_ / "layer1" / 0 / "conv").prefix(), "layer1.0.conv");
}

TEST_F(ScopeTest, SeqCountsModulesWithAndWithoutParameters) {
  Seq seq(root_ / "features");
  EXPECT_EQ(seq.next().prefix(), "features.0");
  seq.skip();
  EXPECT_EQ(seq.next().prefix(), "features.2");
}

TEST_F(ScopeTest, FindsWeightsByNameAndShape) {
  const Scope layer = root_ / "layer1" / 0;
  const Value weight = layer.weight("weight", {4, kAny});
  EXPECT_EQ(weight.name(), "layer1.0.weight");
  EXPECT_EQ(weight.dim(1), Dim(3));
  EXPECT_EQ(layer.weight("weight", {4, 3}).id, weight.id);
  EXPECT_THAT(report_.problems, IsEmpty());
  EXPECT_THAT(report_.used, ElementsAre("layer1.0.weight"));
  EXPECT_TRUE(layer.has("bias"));
  EXPECT_FALSE(layer.has("gamma"));
  EXPECT_EQ(layer.shape("bias"), Shape{4});
}

TEST_F(ScopeTest, RecordsEveryProblemOnceAndGoesOn) {
  const Scope layer = root_ / "layer1" / 0;
  EXPECT_EQ(layer.weight("weight", {5, kAny}).dim(0), Dim(5));
  layer.weight("gamma", {7});
  layer.weight("gamma", {7});
  ASSERT_THAT(report_.problems, SizeIs(2));
  EXPECT_EQ(report_.problems[0].key, "layer1.0.weight");
  EXPECT_EQ(report_.problems[0].expected, (Shape{5, kAny}));
  EXPECT_EQ(report_.problems[0].found, (Shape{4, 3}));
  EXPECT_EQ(report_.problems[1].key, "layer1.0.gamma");
  EXPECT_FALSE(report_.problems[1].found);
}

TEST_F(ScopeTest, ANumberOfAxesMustFitToo) {
  (root_ / "head").weight("weight", {kAny, kAny, kAny});
  EXPECT_THAT(report_.problems, SizeIs(1));
}

TEST_F(ScopeTest, UnusedTensorsAreListedExceptWhatOnlyTrainingNeeds) {
  (root_ / "layer1" / 0).weight("weight", {4, 3});
  EXPECT_THAT(report_.unused(source_), ElementsAre("layer1.0.bias", "head.weight"));
}

TEST_F(ScopeTest, AttributesOfAWholeModuleWin) {
  EXPECT_EQ((root_ / "layer1" / "bn").attribute("eps", 1e-5), 0.001);
  EXPECT_EQ((root_ / "layer1" / "other").attribute("eps", 1e-5), 1e-5);
}

TEST_F(ScopeTest, WhatIsComputedIsRecordedForAWholeModule) {
  const Scope layer = root_ / "layer1" / 0;
  layer.computes(ModuleKind::kConv2d, {{"stride", {std::int64_t{2}}}});
  ASSERT_EQ(report_.computed.size(), 1U);
  EXPECT_EQ(report_.computed[0].path, "layer1.0");
  EXPECT_EQ(report_.computed[0].kind, ModuleKind::kConv2d);
  EXPECT_EQ(report_.computed[0].attributes.front().first, "stride");
  modules_.clear();
  layer.computes(ModuleKind::kConv2d);
  EXPECT_EQ(report_.computed.size(), 1U) << "a state dict has nothing to compare with";
}

}  // namespace
}  // namespace tv2onnx
