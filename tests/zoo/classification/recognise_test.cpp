// Every builder's keys and shapes, as torchvision makes them, and what people make of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/designed_weights.h"
#include "support/recognition.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

using testing::builder_tensors;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::names;
using testing::TensorList;
using testing::without_values;

/// "fc.", "classifier.": where the builder's keys end.
std::string head_of(const TensorList& tensors) {
  const std::string& last = tensors.back().first;
  return last.substr(0, last.find('.') + 1);
}

/// The keys that begin with `head` are replaced.
TensorList with_head(TensorList tensors, std::string_view head, const TensorList& layers) {
  std::erase_if(tensors, [&](const auto& tensor) { return tensor.first.starts_with(head); });
  tensors.insert(tensors.end(), layers.begin(), layers.end());
  return tensors;
}

TEST(RecogniseClassifier, EachBuilderByItsKeysAndShapesAlone) {
  for (const auto& [builder, tensors] : builder_tensors()) {
    const Recognition found = recognise(without_values(tensors));
    EXPECT_THAT(names(found), ElementsAre(builder));
    EXPECT_TRUE(found.complete) << builder;
    EXPECT_EQ(found.classes, 1000) << builder;
    EXPECT_EQ(found.ambiguity, "") << builder;
  }
}

TEST(RecogniseClassifier, TheTableHasEveryBuilderOfTheGolden) {
  std::set<std::string> rows;
  for (const Model& model : models()) {
    const bool quantised =
        model.name.starts_with("quantized_");  // see tests/live/quantized_test.cpp
    if (model.task == Task::kClassification && !quantised) rows.insert(model.name);
  }
  std::set<std::string> builders;
  for (const auto& [builder, tensors] : builder_tensors()) builders.insert(builder);
  EXPECT_EQ(rows, builders);
}

TEST(RecogniseClassifier, EveryTensorCounts) {
  for (const auto& [builder, tensors] : builder_tensors()) {
    for (const std::size_t k : {std::size_t{0}, tensors.size() / 2, tensors.size() - 1}) {
      TensorList fewer = tensors;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(k));
      const bool head = tensors[k].first.starts_with(head_of(tensors));
      // A linear layer without a bias is one, too, and auxiliary heads are not needed.
      if (head && tensors[k].first.ends_with("bias")) continue;
      EXPECT_FALSE(recognise(without_values(fewer)).complete) << builder << tensors[k].first;
    }
    testing::expect_incomplete_with_more(builder, tensors);
  }
}

TEST(RecogniseClassifier, AnyNumberOfClasses) {
  for (const auto& [builder, tensors] : builder_tensors()) {
    for (const std::int64_t classes : {2, 10}) {
      TensorList other = tensors;
      for (auto& [key, shape] : other) {
        if (shape[0] == 1000 && key.find("aux") == std::string::npos) shape[0] = classes;
      }
      const Recognition found = recognise(without_values(other));
      EXPECT_THAT(names(found), ElementsAre(builder));
      EXPECT_EQ(found.classes, classes) << builder;
    }
  }
}

TEST(RecogniseClassifier, HeadsThatAreAnNnSequential) {
  const TensorList& tensors = builder_tensors().at("resnet18");
  const Recognition one = recognise(
      without_values(with_head(tensors, "fc.", {{"fc.1.weight", {7, 512}}, {"fc.1.bias", {7}}})));
  EXPECT_THAT(names(one), ElementsAre("resnet18"));
  EXPECT_EQ(one.classes, 7);
  const Recognition two = recognise(without_values(with_head(tensors, "fc.",
                                                             {{"fc.0.weight", {64, 512}},
                                                              {"fc.0.bias", {64}},
                                                              {"fc.3.weight", {5, 64}},
                                                              {"fc.3.bias", {5}}})));
  EXPECT_THAT(names(two), ElementsAre("resnet18"));
  EXPECT_EQ(two.classes, 5);
  EXPECT_THAT(two.assumed, ElementsAre(HasSubstr("relu at fc.1, dropout at fc.2")));
  // A new part in the last place of the builder's own head.
  const Recognition nested = recognise(without_values(
      with_head(builder_tensors().at("efficientnet_b2"), "classifier.",
                {{"classifier.1.0.weight", {3, 1408}}, {"classifier.1.0.bias", {3}}})));
  EXPECT_THAT(names(nested), ElementsAre("efficientnet_b2"));
  EXPECT_EQ(nested.classes, 3);
}

TEST(RecogniseClassifier, ABackboneIsNamedButIsNoClassifier) {
  for (const auto& [builder, tensors] : builder_tensors()) {
    const Recognition found = recognise(without_values(with_head(tensors, head_of(tensors), {})));
    EXPECT_THAT(found.candidates, IsEmpty()) << builder;
    EXPECT_EQ(found.name, builder + " without its head");
  }
}

/// Keys as the sources of those projects define them, beside the body of a torchvision classifier.
TEST(RecogniseClassifier, BodiesInModelsOfOtherProjectsAreNamedByWhatIsAroundThem) {
  struct Case {
    const char* builder;
    bool with_its_head;
    std::vector<const char*> added;
    const char* name;
  };
  const std::vector<Case> cases{
      {"resnet50",
       false,
       {"fpn.P5_1.weight", "regressionModel.conv1.weight", "classificationModel.output.weight"},
       "a RetinaNet of pytorch-retinanet"},
      {"resnet18",
       false,
       {"deconv_layers.0.weight", "hm.0.weight", "hm.2.weight", "wh.0.weight", "reg.0.weight"},
       "a CenterNet"},
      {"vgg11", false, {"pre_logits.fc1.weight", "head.fc.weight"}, "a VGG of timm"},
      {"resnet50", true, {"layer1.0.se.fc1.weight", "layer1.0.se.fc2.weight"}, "a ResNet of timm"},
      {"resnet18", true, {"layer1.0.se.conv.weight"}, "a ResNet of timm"},
      {"resnet50", true, {"layer1.0.convs.0.weight", "layer1.0.bns.0.weight"}, "a Res2Net"},
  };
  for (const Case& one : cases) {
    TensorList tensors = builder_tensors().at(one.builder);
    if (!one.with_its_head) tensors = with_head(tensors, head_of(tensors), {});
    for (const char* key : one.added) tensors.emplace_back(key, Shape{3});
    const Recognition found = recognise(without_values(tensors));
    EXPECT_EQ(found.name, one.name);
    EXPECT_THAT(found.candidates, IsEmpty()) << one.name;
    EXPECT_FALSE(found.way_out.empty()) << one.name;
  }
}

TEST(RecogniseClassifier, KeysOfOlderReleases) {
  TensorList dense = builder_tensors().at("densenet121");
  for (auto& [key, shape] : dense) {
    const std::size_t layer = key.find("denselayer");
    if (layer == std::string::npos) continue;
    const std::size_t part = key.find('.', layer) + 1;
    const std::size_t number = key.find_first_of("12", part);
    key.insert(number, ".");  // norm1.weight was norm.1.weight
  }
  EXPECT_THAT(names(recognise(without_values(dense))), ElementsAre("densenet121"));
  // The first MNASNet had one stem for all widths.
  TensorList mnas = builder_tensors().at("mnasnet0_5");
  const auto set = [&](std::string_view name, const Shape& shape) {
    for (auto& [key, own] : mnas) {
      if (key == name) own = shape;
    }
  };
  set("layers.0.weight", {32, 3, 3, 3});
  for (const char* norm : {"layers.1.", "layers.4."}) {
    for (const char* leaf : {"weight", "bias", "running_mean", "running_var"}) {
      set(std::string(norm) + leaf, {32});
    }
  }
  set("layers.3.weight", {32, 1, 3, 3});
  set("layers.6.weight", {16, 32, 1, 1});
  for (const char* leaf : {"weight", "bias", "running_mean", "running_var"}) {
    set(std::string("layers.7.") + leaf, {16});
  }
  set("layers.8.0.layers.0.weight", {48, 16, 1, 1});
  for (const char* leaf : {"weight", "bias", "running_mean", "running_var"}) {
    set(std::string("layers.8.0.layers.1.") + leaf, {48});
    set(std::string("layers.8.0.layers.4.") + leaf, {48});
  }
  set("layers.8.0.layers.3.weight", {48, 1, 3, 3});
  set("layers.8.0.layers.6.weight", {16, 48, 1, 1});
  EXPECT_THAT(names(recognise(without_values(mnas))), ElementsAre("mnasnet0_5"));
}

TEST(RecogniseClassifier, AuxiliaryHeadsMayBeThereOrNot) {
  for (const char* builder : {"googlenet", "inception_v3"}) {
    TensorList tensors = builder_tensors().at(builder);
    const auto aux = std::erase_if(
        tensors, [](const auto& tensor) { return tensor.first.find("ux") != std::string::npos; });
    EXPECT_GT(aux, 5U);
    EXPECT_THAT(names(recognise(without_values(tensors))), ElementsAre(builder));
  }
}

TEST(RecogniseClassifier, WhatKeysCannotTellIsSaid) {
  const auto assumed = [](const char* builder, const char* file) {
    Checkpoint checkpoint = without_values(builder_tensors().at(builder));
    checkpoint.file = file;
    return recognise(checkpoint).assumed;
  };
  EXPECT_THAT(
      assumed("mobilenet_v2", "my.pth"),
      ElementsAre(AllOf(HasSubstr("quantizable = false"), HasSubstr("--quantizable true"))));
  EXPECT_THAT(
      assumed("googlenet", "my.pth"),
      ElementsAre(AllOf(HasSubstr("transform_input"), HasSubstr("--transform-input true"))));
  EXPECT_THAT(assumed("inception_v3", "my.pth"), ElementsAre(HasSubstr("transform_input = false")));
  // The names of torchvision's own files settle it.
  EXPECT_THAT(assumed("mobilenet_v2", "mobilenet_v2-b0353104.pth"), IsEmpty());
  EXPECT_THAT(assumed("googlenet", "googlenet-1378be20.pth"), IsEmpty());
  EXPECT_THAT(assumed("inception_v3", "inception_v3_google-0cc3c7bd.pth"), IsEmpty());
  EXPECT_THAT(assumed("resnet18", "my.pth"), IsEmpty());
}

TEST(RecogniseClassifier, OtherNetworksAreNotTakenForTorchvisions) {
  TensorList tensors;
  for (int k = 0; k < 40; ++k) {
    tensors.emplace_back("layer1." + std::to_string(k) + ".conv1.weight", Shape{8, 8, 3, 3});
  }
  tensors.emplace_back("fc.weight", Shape{10, 8});
  tensors.emplace_back("fc.bias", Shape{10});
  const Recognition found = recognise(without_values(tensors));
  EXPECT_THAT(found.candidates, IsEmpty());
  EXPECT_EQ(found.name, "a ResNet of another form than torchvision's");
}

}  // namespace
}  // namespace tv2onnx
