#include "zoo/stated_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tv2onnx {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kLarge = "fasterrcnn_mobilenet_v3_large_fpn";

Checkpoint beside(SettingDict extras) {
  Checkpoint checkpoint;
  checkpoint.extras = std::move(extras);
  return checkpoint;
}

TEST(StatedFacts, ABuilderIsFoundUnderItsUsualNames) {
  for (const char* name : {"fasterrcnn_mobilenet_v3_large_fpn", "FasterRCNN-MobileNetV3-Large-FPN",
                           "fasterrcnn_mobilenetv3_large_fpn"}) {
    const StatedBuilder stated =
        stated_builder(beside({{"config", {SettingDict{{"model_name", {std::string(name)}}}}}}));
    ASSERT_NE(stated.model, nullptr) << name;
    EXPECT_EQ(stated.model->name, kLarge);
    EXPECT_EQ(stated.place, "config.model_name");
  }
  EXPECT_EQ(stated_builder(beside({{"arch", {std::string("resnet51")}}})).model, nullptr);
  EXPECT_EQ(stated_builder(beside({{"comment", {std::string(kLarge)}}})).model, nullptr);
}

TEST(StatedFacts, ValuesCalledLikeSettingsAreFoundWithTheirPlace) {
  const Checkpoint checkpoint =
      beside({{"hparams", {SettingDict{{"nms_thresh", {0.3}}, {"lr", {0.1}}}}},
              {"min_size", {std::int64_t{640}}},
              {"box_score_thresh", {7.0}}});  // no probability
  const auto found = settings_beside(checkpoint, find_model(kLarge));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "box_nms_thresh");
  EXPECT_EQ(found[0].origin, "hparams.nms_thresh");
  EXPECT_EQ(found[1].name, "min_size");
  const auto of_retinanet = settings_beside(checkpoint, find_model("retinanet_resnet50_fpn"));
  ASSERT_EQ(of_retinanet.size(), 2U);
  EXPECT_EQ(of_retinanet[0].name, "nms_thresh");
}

TEST(StatedFacts, AWholeModuleNeedsNone) {
  Checkpoint checkpoint = beside({{"min_size", {std::int64_t{640}}}});
  checkpoint.modules = {{"", "Model", {}}};
  EXPECT_THAT(settings_beside(checkpoint, find_model(kLarge)), IsEmpty());
}

TEST(StatedFacts, TheReferenceScriptPassesOnThresholdAndWeights) {
  const char* name = "fasterrcnn_resnet50_fpn";
  SettingDict arguments{{"model", {std::string(name)}},
                        {"data_path", {std::string("x")}},
                        {"rpn_score_thresh", {0.02}},
                        {"weights", {std::string("FasterRCNN_ResNet50_FPN_Weights.COCO_V1")}}};
  const auto found = reference_script_settings(beside({{"args", {arguments}}}), find_model(name));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "rpn_score_thresh");
  EXPECT_EQ(found[1].name, "norm_eps");
  EXPECT_EQ(found[1].origin, "args.weights");
  EXPECT_THAT(reference_script_settings(beside({{"args", {arguments}}}), find_model(kLarge)),
              IsEmpty());
  arguments.erase(arguments.begin() + 1);  // somebody else's arguments
  EXPECT_THAT(reference_script_settings(beside({{"args", {arguments}}}), find_model(name)),
              IsEmpty());
}

TEST(ClassNames, TheListThatFitsIsTaken) {
  Checkpoint checkpoint;
  checkpoint.class_lists = {{"labels", {"a", "b"}}, {"config.CLASSES", {"cat", "dog", "bird"}}};
  const FoundNames with_background = found_class_names(checkpoint, 4);
  EXPECT_THAT(with_background.names, ElementsAre("__background__", "cat", "dog", "bird"));
  EXPECT_EQ(with_background.place, "config.CLASSES");
  EXPECT_THAT(found_class_names(checkpoint, 2).names, ElementsAre("a", "b"));
  const FoundNames none = found_class_names(checkpoint, 9);
  EXPECT_THAT(none.names, IsEmpty());
  EXPECT_THAT(none.note, ::testing::HasSubstr("2 class names in labels for 9 classes"));
}

}  // namespace
}  // namespace tv2onnx
