// Builders of segmentation, video and optical flow by their keys and shapes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "support/designed_weights.h"
#include "support/errors.h"
#include "support/recognition.h"
#include "tv2onnx/export.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::names;
using testing::task_tensors;
using testing::TensorList;
using ::testing::UnorderedElementsAre;
using testing::without_values;

bool is_head(const std::string& key) {
  return key.starts_with("fc.") || key.starts_with("head.") || key.starts_with("classifier.");
}

TEST(RecogniseTask, EachBuilderByItsKeysAndShapesAlone) {
  for (const auto& [builder, tensors] : task_tensors()) {
    const Recognition found = recognise(without_values(tensors));
    EXPECT_THAT(names(found), ElementsAre(builder));
    EXPECT_TRUE(found.complete) << builder;
    const Task task = found.model()->task;
    const std::int64_t classes = task == Task::kFlow ? 0 : task == Task::kVideo ? 400 : 21;
    EXPECT_EQ(found.classes, classes) << builder;
    EXPECT_EQ(found.ambiguity, "") << builder;
  }
}

TEST(RecogniseTask, TheTableHasEveryBuilderOfTheGolden) {
  std::set<std::string> rows;
  for (const Model& model : models()) {
    if (model.task != Task::kDetection && model.task != Task::kClassification) {
      rows.insert(model.name);
    }
  }
  std::set<std::string> builders;
  for (const auto& [builder, tensors] : task_tensors()) builders.insert(builder);
  EXPECT_EQ(rows, builders);
}

TEST(RecogniseTask, EveryTensorCounts) {
  for (const auto& [builder, tensors] : task_tensors()) {
    for (std::size_t k = 0; k < tensors.size(); k += tensors.size() / 5) {
      if (is_head(tensors[k].first) && tensors[k].first.ends_with("bias")) continue;
      TensorList fewer = tensors;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(k));
      EXPECT_FALSE(recognise(without_values(fewer)).complete) << builder << tensors[k].first;
    }
    testing::expect_incomplete_with_more(builder, tensors);
  }
}

TEST(RecogniseTask, AnyNumberOfClasses) {
  for (const auto& [builder, tensors] : task_tensors()) {
    const std::int64_t usual = find_model(builder).task == Task::kVideo ? 400 : 21;
    if (builder.starts_with("raft")) continue;
    TensorList other = tensors;
    for (auto& [key, shape] : other) {
      if (shape[0] == usual) shape[0] = 3;
    }
    const Recognition found = recognise(without_values(other));
    EXPECT_THAT(names(found), ElementsAre(builder));
    EXPECT_EQ(found.classes, 3) << builder;
  }
}

TEST(RecogniseTask, AuxiliaryHeadsMayBeThereOrNot) {
  for (const char* builder : {"fcn_resnet50", "deeplabv3_mobilenet_v3_large"}) {
    TensorList tensors = task_tensors().at(builder);
    const auto aux = std::erase_if(
        tensors, [](const auto& tensor) { return tensor.first.starts_with("aux_classifier."); });
    EXPECT_GT(aux, 5U);
    EXPECT_THAT(names(recognise(without_values(tensors))), ElementsAre(builder));
  }
}

TEST(RecogniseTask, WhatKeysCannotTellIsSaid) {
  const auto assumed = [](const char* builder, const char* file) {
    Checkpoint checkpoint = without_values(task_tensors().at(builder));
    checkpoint.file = file;
    return recognise(checkpoint).assumed;
  };
  EXPECT_THAT(assumed("fcn_resnet50", "my.pth"),
              ElementsAre(AllOf(HasSubstr("replace_stride_with_dilation = [false,true,true]"),
                                HasSubstr("--replace-stride-with-dilation"))));
  EXPECT_THAT(assumed("deeplabv3_mobilenet_v3_large", "my.pth"),
              UnorderedElementsAre(AllOf(HasSubstr("dilated = true"), HasSubstr("--dilated")),
                                   HasSubstr("atrous_rates = [12,24,36]")));
  EXPECT_THAT(assumed("raft_small", "my.pth"), ElementsAre(AllOf(HasSubstr("num_flow_updates = 12"),
                                                                 HasSubstr("--num-flow-updates"))));
  EXPECT_THAT(assumed("r3d_18", "my.pth"), IsEmpty());
  // The names of torchvision's own files settle it.
  EXPECT_THAT(assumed("fcn_resnet50", "fcn_resnet50_coco-1167a1af.pth"), IsEmpty());
  EXPECT_THAT(assumed("deeplabv3_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large-fc3c493d.pth"),
              IsEmpty());
}

/// Of another depth than any builder's, which a build by shapes alone would take.
TEST(RecogniseTask, OtherBackbonesAreNamed) {
  TensorList tensors = task_tensors().at("fcn_resnet50");
  std::erase_if(tensors,
                [](const auto& tensor) { return tensor.first.starts_with("backbone.layer3.5."); });
  const Recognition found = recognise(without_values(tensors));
  EXPECT_THAT(found.candidates, IsEmpty());
  EXPECT_EQ(found.name, "a segmentation model of another form than torchvision's");
}

TEST(RecogniseTask, OneFamilyUnderTheNameOfAnotherIsRefused) {
  const std::pair<const char*, const char*> wrong[] = {
      {"fcn_resnet50", "deeplabv3_resnet50"},
      {"lraspp_mobilenet_v3_large", "fcn_resnet50"},
      {"r3d_18", "mc3_18"},
      {"s3d", "r2plus1d_18"},
      {"mvit_v1_b", "mvit_v2_s"},
      {"raft_small", "raft_large"},
      {"r3d_18", "resnet18"},
      {"fcn_resnet50", "fasterrcnn_resnet50_fpn"}};
  for (const auto& [builder, arch] : wrong) {
    const Checkpoint checkpoint = without_values(task_tensors().at(builder));
    EXPECT_THAT(testing::message_of([&] { export_to_memory(checkpoint, {.arch = arch}); }),
                AllOf(HasSubstr("W004"), HasSubstr(builder)))
        << builder << ' ' << arch;
  }
}

}  // namespace
}  // namespace tv2onnx
