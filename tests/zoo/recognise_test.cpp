#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/recognition.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::names;

constexpr const char* kLarge = "fasterrcnn_mobilenet_v3_large_fpn";
constexpr const char* kLarge320 = "fasterrcnn_mobilenet_v3_large_320_fpn";

/// A whole module.
Checkpoint shapes() {
  return open_checkpoint(TV2ONNX_SOURCE_DIR "/examples/shapes/fasterrcnn_shapes_half.pth");
}

/// Its weights alone.
Checkpoint state_dict() {
  Checkpoint checkpoint = shapes();
  checkpoint.modules.clear();
  return checkpoint;
}

/// A dict in which the member at `path` has another value.
void set_attribute(Checkpoint& checkpoint, std::string_view module, std::string_view name,
                   Setting value) {
  const auto found = std::ranges::find(checkpoint.modules, module, &ModuleInfo::path);
  ASSERT_NE(found, checkpoint.modules.end()) << module;
  const auto member = std::ranges::find(found->attributes, name, &SettingMember::first);
  ASSERT_NE(member, found->attributes.end()) << name;
  member->second = std::move(value);
}

TEST(Recognise, OfAStateDictSaysWhatItDoesNotStore) {
  const Recognition found = recognise(state_dict());
  EXPECT_THAT(names(found), ElementsAre(kLarge, kLarge320));
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(found.name, kLarge);
  EXPECT_THAT(found.reasons, Contains("backbone: MobileNetV3-Large with FPN"));
  EXPECT_THAT(found.ambiguity, HasSubstr("min_size (800 or 320), max_size (1333 or 640), "
                                         "rpn_pre_nms_top_n_test (1000 or 150)"));
  EXPECT_THAT(found.ambiguity, HasSubstr("assuming the first; choose with --arch"));
}

TEST(Recognise, OfAModuleIsTheBuilderWhoseDefaultsItHas) {
  Checkpoint checkpoint = shapes();
  const Recognition large = recognise(checkpoint);
  EXPECT_THAT(names(large), ElementsAre(kLarge, kLarge320));
  EXPECT_EQ(large.ambiguity, "");
  EXPECT_TRUE(large.complete);
  const Setting few{std::int64_t{150}};
  const Setting limits{SettingDict{{"training", few}, {"testing", few}}};
  set_attribute(checkpoint, "rpn", "_pre_nms_top_n", limits);
  set_attribute(checkpoint, "rpn", "_post_nms_top_n", limits);
  const Recognition small = recognise(checkpoint);
  EXPECT_THAT(names(small), ElementsAre(kLarge320, kLarge));
  EXPECT_EQ(small.ambiguity, "");
  EXPECT_THAT(small.reasons, Contains(HasSubstr("0 settings of the module are not")));
}

TEST(Recognise, BelievesTheNameOfAnOfficialFile) {
  Checkpoint checkpoint = state_dict();
  checkpoint.file = "/models/fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth";
  const Recognition found = recognise(checkpoint);
  EXPECT_THAT(names(found), ElementsAre(kLarge320, kLarge));
  EXPECT_EQ(found.ambiguity, "");
  // A file of another architecture that was renamed.
  checkpoint.file = "/models/fcos_resnet50_fpn_coco-99b0c9b7.pth";
  EXPECT_EQ(recognise(checkpoint).name, kLarge);
}

TEST(Recognise, WhatDoesNotFitIsStillNamed) {
  Checkpoint checkpoint = state_dict();
  std::erase_if(checkpoint.tensors, [](const NamedTensor& tensor) {
    return tensor.name == "roi_heads.box_head.fc7.weight";
  });
  const Recognition found = recognise(checkpoint);
  EXPECT_FALSE(found.complete);
  EXPECT_EQ(found.name, kLarge);
  EXPECT_THAT(names(found), ElementsAre(kLarge, kLarge320));
}

TEST(Recognise, AnUnusedTensorIsNotComplete) {
  Checkpoint checkpoint = state_dict();
  checkpoint.tensors.push_back({"own_head.weight", make_tensor({1}, std::vector<float>{1})});
  EXPECT_FALSE(recognise(checkpoint).complete);
}

TEST(Recognise, ASettingThatTheModelDoesNotTakeIsLeftToTheExport) {
  Checkpoint checkpoint = shapes();
  set_attribute(checkpoint, "rpn", "nms_thresh", {3.5});
  Recognition found;
  EXPECT_NO_THROW(found = recognise(checkpoint));
  EXPECT_EQ(found.name, kLarge);
  EXPECT_FALSE(found.complete);
}

/// A checkpoint with these keys.
Checkpoint with_keys(const std::vector<std::string>& keys) {
  Checkpoint checkpoint;
  for (const std::string& key : keys) {
    checkpoint.tensors.push_back({key, make_tensor({1}, std::vector<float>{1})});
  }
  return checkpoint;
}

TEST(Recognise, OthersAreNamedOrNotKnown) {
  const Recognition classifier = recognise(with_keys({"layer1.0.conv1.weight", "fc.weight"}));
  EXPECT_EQ(classifier.name, "a ResNet of another form than torchvision's");
  EXPECT_EQ(classifier.model(), nullptr);
  EXPECT_THAT(classifier.reasons, Contains("has layer1.0.conv1.weight"));
  EXPECT_EQ(recognise(with_keys({"backbone.own.weight", "rpn.head.bbox_pred.weight",
                                 "roi_heads.box_head.fc6.weight",
                                 "roi_heads.box_predictor.cls_score.weight",
                                 "roi_heads.box_predictor.bbox_pred.weight"}))
                .name,
            "fasterrcnn with another backbone");
  const Recognition nothing = recognise(with_keys({"weight"}));
  EXPECT_EQ(nothing.name, "");
  EXPECT_THAT(nothing.candidates, IsEmpty());
  EXPECT_THAT(nothing.reasons, IsEmpty());
}

TEST(Recognise, ModelsOfOtherProjectsAreNamed) {
  Checkpoint checkpoint;
  checkpoint.globals = {{"torch._utils._rebuild_tensor_v2", 9, false},
                        {"ultralytics.nn.tasks.DetectionModel", 1, true}};
  const Recognition found = recognise(checkpoint);
  EXPECT_EQ(found.model(), nullptr);
  EXPECT_EQ(found.name, "a YOLO model of ultralytics");
  EXPECT_THAT(found.reasons, ElementsAre("refers to ultralytics.nn.tasks.DetectionModel"));
}

TEST(Recognise, WeightsThatAreComputedFromOthersAreNamed) {
  const std::pair<std::vector<std::string>, const char*> named[] = {
      {{"conv.parametrizations.weight.original0"}, "parametrize"},
      {{"fc.bias", "layer1.0.conv1.parametrizations.weight.0.base"}, "parametrize"},
      {{"layer1.0.conv1.weight_g", "layer1.0.conv1.weight_v"}, "weight_norm"},
      {{"0.weight_orig", "0.weight_u", "0.weight_v"}, "spectral_norm"},
      {{"conv1.weight_orig", "conv1.weight_mask"}, "prune"}};
  for (const auto& [keys, name] : named) {
    const Recognition found = recognise(with_keys(keys));
    EXPECT_THAT(found.name, HasSubstr(name));
    EXPECT_THAT(found.way_out, HasSubstr("remove_parametrizations"));
  }
}

// Of the layer that says how many classes there are; where another one is so, its row is found and
// lacks a weight (W003).
TEST(Recognise, ComputedWeightsOfADetectorOfTorchvisionAreNamed) {
  const std::array<const char*, 3> named[] = {{".weight_v", ".weight_g", "weight_norm"},
                                              {".weight_orig", ".weight_u", "spectral_norm"},
                                              {".weight_orig", ".weight_mask", "prune"}};
  const std::string layer = "roi_heads.box_predictor.cls_score";
  for (const auto& [first, second, name] : named) {
    Checkpoint checkpoint = state_dict();
    const auto found = std::ranges::find(checkpoint.tensors, layer + ".weight", &NamedTensor::name);
    ASSERT_NE(found, checkpoint.tensors.end());
    NamedTensor other = *found;
    other.name = layer + second;
    found->name = layer + first;
    checkpoint.tensors.push_back(std::move(other));
    const Recognition recognised = recognise(checkpoint);
    EXPECT_EQ(recognised.model(), nullptr) << name;
    EXPECT_THAT(recognised.name, HasSubstr(name));
  }
}

TEST(Recognise, WholeModulesThatTorchHasQuantisedAreNamed) {
  for (const char* name :
       {"torch.ao.nn.quantized.modules.linear.Linear", "torch.nn.quantized.modules.conv.Conv2d"}) {
    Checkpoint checkpoint;
    checkpoint.globals = {{name, 1, false}};
    const Recognition found = recognise(checkpoint);
    EXPECT_EQ(found.name, "a whole module that torch has quantised");
    EXPECT_THAT(found.way_out, HasSubstr("torch.save(model.state_dict(), 'weights.pth')"));
  }
}

TEST(Recognise, ModelsOfOtherProjectsAreNamedByTheirKeys) {
  for (const char* last : {"model.77.ia.0.implicit", "model.77.anchor_grid"}) {  // to train, to use
    EXPECT_EQ(recognise(with_keys({"model.0.conv.weight", "model.1.conv.weight",
                                   "model.2.conv.weight", "model.77.m.0.weight", last}))
                  .name,
              "a YOLOv7 model");
  }
  EXPECT_EQ(recognise(with_keys({"backbone.conv1.conv1_1.conv.weight",
                                 "decoder.dec_score_head.0.weight"}))
                .name,
            "an RT-DETR");
  const Recognition found = recognise(with_keys({"backbone.bottom_up.res2.0.conv1.weight",
                                                 "proposal_generator.rpn_head.conv.weight",
                                                 "roi_heads.box_predictor.cls_score.weight"}));
  EXPECT_EQ(found.name, "a detector of detectron2");
  EXPECT_THAT(found.way_out, HasSubstr("export_model.py"));
  EXPECT_EQ(recognise(with_keys({"model.embeddings.word_embeddings.weight",
                                 "model.encoder.layer.0.output.dense.weight"}))
                .name,
            "a language model of Hugging Face transformers");
  // A backbone of timm in a detector of torchvision is another thing.
  const Recognition ours = recognise(with_keys(
      {"backbone.body.conv_stem.weight", "backbone.body.blocks.0.0.conv.weight",
       "rpn.head.bbox_pred.weight", "roi_heads.box_head.fc6.weight",
       "roi_heads.box_predictor.cls_score.weight", "roi_heads.box_predictor.bbox_pred.weight"}));
  EXPECT_EQ(ours.name, "fasterrcnn with another backbone");
  EXPECT_THAT(ours.reasons, Contains(HasSubstr("of timm")));
  EXPECT_THAT(ours.way_out, HasSubstr("--backbone"));
}

TEST(Recognise, WhatIsMissingOfADetectorIsSaid) {
  const Recognition found = recognise(with_keys(
      {"backbone.body.conv1.weight", "rpn.head.conv.weight", "roi_heads.box_head.fc6.weight"}));
  EXPECT_EQ(found.name, "a detector of which parts are missing");
  EXPECT_THAT(found.reasons, ElementsAre(HasSubstr("lacks the box predictor (roi_heads.")));
  EXPECT_THAT(recognise(with_keys({"head.classification_head.conv.0.weight",
                                   "head.regression_head.conv.0.weight"}))
                  .reasons,
              ElementsAre(HasSubstr("lacks the backbone")));
}

TEST(Recognise, QuantisedWeightsAreNamed) {
  Checkpoint checkpoint = state_dict();
  checkpoint.extras = {{"roi_heads.box_head.fc6._packed_params.dtype", {}}};
  EXPECT_EQ(recognise(checkpoint).name, "a quantised model of torch.ao.quantization");
  EXPECT_EQ(recognise(checkpoint).model(), nullptr);
}

TEST(Recognise, KeysTellMoreThanWhatATrainingScriptLeftBehind) {
  Checkpoint checkpoint;
  checkpoint.globals = {{"detectron2.config.CfgNode", 1, true}};
  const Tensor weight = make_tensor({1}, std::vector<float>{0});
  checkpoint.tensors = {{"layer1.0.conv1.weight", weight}, {"fc.weight", weight}};
  EXPECT_EQ(recognise(checkpoint).name, "a ResNet of another form than torchvision's");
}

}  // namespace
}  // namespace tv2onnx
