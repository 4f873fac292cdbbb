#include "nn/module_differences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "nn/module_kinds.h"

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kSequential = "torch.nn.modules.container.Sequential";
constexpr const char* kConv = "torch.nn.modules.conv.Conv2d";
constexpr const char* kReLU = "torch.nn.modules.activation.ReLU";

/// A model of the class RPNHead: a convolution, and a list of one with ReLU behind it.
class ModuleDifferences : public ::testing::Test {
 protected:
  ModuleDifferences() {
    add("", "torchvision.models.detection.rpn.RPNHead");
    add("conv", kSequential);
    add("conv.0", kConv).attributes = {{"stride", parse_json("[1,1]")},
                                       {"padding_mode", parse_json("\"zeros\"")}};
    add("conv.1", kReLU);
    computes("", ModuleKind::kRpnHead);
    computes("conv.0", ModuleKind::kConv2d,
             {{"stride", {std::int64_t{1}}}, {"padding_mode", {std::string("zeros")}}});
    computes("conv.1", ModuleKind::kReLU);
  }

  ModuleInfo& add(const std::string& path, const std::string& class_name) {
    return checkpoint_.modules.emplace_back(
        ModuleInfo{.path = path, .class_name = class_name, .attributes = {}});
  }
  void computes(const std::string& path, ModuleKind kind, SettingDict attributes = {}) {
    load_.computed.push_back({path, kind, std::move(attributes)});
  }
  ModuleInfo& module(std::size_t k) { return checkpoint_.modules[k]; }
  std::vector<std::string> found() const { return module_differences(checkpoint_, load_); }

  Checkpoint checkpoint_;
  LoadReport load_;
};

TEST_F(ModuleDifferences, ThereAreNone) {
  EXPECT_THAT(found(), IsEmpty());
  module(0).class_name = "";  // recovered from a graph: only attributes are known
  module(2).class_name = "";
  EXPECT_THAT(found(), IsEmpty());
  checkpoint_.modules.clear();  // a state dict
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(ModuleDifferences, Classes) {
  module(2).class_name = "mine.Conv2d";
  module(3).class_name = "torch.nn.modules.activation.GELU";
  EXPECT_THAT(found(),
              ElementsAre("conv.0 is mine.Conv2d; its code is not in the file",
                          "conv.1 is torch.nn.modules.activation.GELU, torchvision has ReLU "
                          "there"));
}

TEST_F(ModuleDifferences, ClassesOfWhatHoldsOthers) {
  module(1).class_name = "torch.fx.graph_module.GraphModule";
  EXPECT_THAT(found(), ElementsAre("conv is torch.fx.graph_module.GraphModule, torchvision has "
                                   "nn.Sequential there"));
}

TEST_F(ModuleDifferences, HooksAndReplacedMethods) {
  module(1).hooks = {"mine.hook"};
  module(3).attributes.emplace_back("forward", parse_json("\"mine.other\""));
  module(3).attributes.emplace_back("note", parse_json("\"no method\""));
  EXPECT_THAT(found(), ElementsAre("conv has the hook mine.hook, which can change its result",
                                   "conv.1.forward is replaced on the object by \"mine.other\""));
}

TEST_F(ModuleDifferences, Attributes) {
  module(2).attributes = {{"stride", parse_json("[1,2]")}, {"padding_mode", {}}};
  EXPECT_THAT(found(), ElementsAre("conv.0.stride is [1,2], torchvision has 1"));
}

TEST_F(ModuleDifferences, AttributesOfOtherReleasesMayBeAbsent) {
  module(2).attributes.clear();
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(ModuleDifferences, StrangersThatRun) {
  add("conv.2", "torch.nn.modules.activation.Tanh");
  add("conv.2.part", "mine.Part");
  add("conv.3", "torch.nn.modules.dropout.Dropout");
  add("loss", "mine.Loss");
  EXPECT_THAT(found(), ElementsAre("conv.2 is torch.nn.modules.activation.Tanh, which runs there "
                                   "and is not in torchvision's model"));
}

TEST_F(ModuleDifferences, StrangersInAList) {
  module(1).class_name = "torch.nn.modules.container.ModuleList";
  add("conv.2", kConv);
  EXPECT_THAT(found(), ElementsAre("conv.2 is torch.nn.modules.conv.Conv2d, which runs there and "
                                   "is not in torchvision's model"));
}

TEST_F(ModuleDifferences, MissingModules) {
  computes("conv.2", ModuleKind::kReLU);
  EXPECT_THAT(found(), ElementsAre("conv.2 is missing"));
}

TEST_F(ModuleDifferences, Order) {
  std::swap(module(2), module(3));
  EXPECT_THAT(found(), ElementsAre("conv.0 runs after modules that come later in torchvision's "
                                   "model"));
  module(1).class_name = "torch.nn.modules.container.ModuleList";
  EXPECT_THAT(found(), IsEmpty()) << "a list has no order of its own";
}

TEST_F(ModuleDifferences, Tensors) {
  const auto anchors = [](float size) {
    return NamedTensor{"cell_anchors.0", make_tensor({1, 2}, std::vector{size, size})};
  };
  add("anchors", "torchvision.models.detection.rpn.AnchorGenerator");
  load_.computed.push_back({"anchors", ModuleKind::kAnchorGenerator, {}, {anchors(8)}});
  EXPECT_THAT(found(), IsEmpty()) << "up to torchvision 0.8 they are made at the first image";
  module(4).attributes.emplace_back("cell_anchors", parse_json("[{}]"));
  EXPECT_EQ(found().size(), 1U) << "and here they are no tensors";
  module(4).tensors = {anchors(8)};
  EXPECT_THAT(found(), IsEmpty());
  module(4).tensors = {anchors(9)};
  EXPECT_THAT(found(), ElementsAre("anchors.cell_anchors are not those that its settings make"));
}

TEST(ModuleKinds, NamesOfAllReleases) {
  EXPECT_TRUE(is_of_kind("torchvision.ops.misc.FrozenBatchNorm2d", ModuleKind::kBatchNorm));
  EXPECT_TRUE(is_of_kind("torchvision.models.mobilenet.ConvBNReLU", ModuleKind::kContainer));
  EXPECT_FALSE(is_of_kind("my.torchvision.ops.misc.FrozenBatchNorm2d", ModuleKind::kBatchNorm));
  EXPECT_FALSE(is_of_kind("torchvision.ops.misc.FrozenBatchNorm2d", ModuleKind::kConv2d));
  EXPECT_EQ(module_kind_name(ModuleKind::kRoiAlign), "MultiScaleRoIAlign");
}

}  // namespace
}  // namespace tv2onnx
