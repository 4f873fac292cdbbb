#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

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
    attributes_["layer1.bn.eps"] = Setting{0.001};
    attributes_["layer1.0.stride"] =
        Setting{SettingList{Setting{std::int64_t{2}}, Setting{std::int64_t{2}}}};
    attributes_["layer1.0.groups"] = Setting{std::int64_t{4}};
    source_.find = [this](std::string_view key) -> const Tensor* {
      const auto found = tensors_.find(std::string(key));
      return found != tensors_.end() ? &found->second : nullptr;
    };
    source_.attribute = [this](std::string_view module, std::string_view name) -> const Setting* {
      const auto found = attributes_.find(std::string(module) + "." + std::string(name));
      return found != attributes_.end() ? &found->second : nullptr;
    };
  }

  std::map<std::string, Tensor> tensors_;
  std::map<std::string, Setting> attributes_;
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

TEST_F(ScopeTest, DifferencesFromTorchvisionAreRecorded) {
  const Scope layer = root_ / "layer1" / 0;
  layer.expect("stride", 2);
  layer.expect("groups", 4);
  layer.expect("padding", 1);  // not stated
  EXPECT_THAT(report_.differences, IsEmpty());
  layer.expect("stride", 1);
  layer.expect("groups", 1);
  EXPECT_THAT(report_.differences, ElementsAre("layer1.0.stride is [2,2], torchvision has 1",
                                               "layer1.0.groups is 4, torchvision has 1"));
}

}  // namespace
}  // namespace tv2onnx
