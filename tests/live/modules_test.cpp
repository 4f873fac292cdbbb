// Whole modules that people changed, made by odd_modules.py: served equal to PyTorch, or refused
// with the module that differs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "export/build_model.h"
#include "support/errors.h"
#include "support/files.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/export.h"
#include "tv2onnx/reference.h"
#include "tv2onnx/verify.h"

namespace tv2onnx {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;

const std::filesystem::path kFolder = TV2ONNX_LIVE_DIR "/modules";

Checkpoint module_of(const std::string& name) {
  return open_checkpoint(kFolder / (name + ".pth"));
}

struct Refused {
  const char* name;        ///< the function of odd_modules.py
  const char* sentence;    ///< what the message says of it
  bool recognised = true;  ///< its keys are those of a model
};

/// One row for each thing that torchvision's forwards read and that no option takes over, and for
/// each way to change what a module does.
const Refused kRefused[] = {
    {"own_roi_heads", "roi_heads is __main__.OwnRoIHeads; its code is not in the file"},
    {"lookalike_predictor",
     "roi_heads.box_predictor is __main__.FastRCNNPredictor; its code is not in the file"},
    {"own_detector", "the model is __main__.OwnDetector; its code is not in the file"},
    {"own_pyramid", "backbone.fpn is __main__.WeightedPyramid; its code"},
    {"own_anchors", "rpn.anchor_generator is __main__.CoarserAnchors; its code"},
    {"own_coder", "roi_heads.box_coder.__class__ is \"__main__.OwnCoder\""},
    {"own_conv", "rpn.head.cls_logits is __main__.OwnConv; its code"},
    {"own_container", "backbone.body.2.block is __main__.OwnSequential; its code"},
    {"hook", "roi_heads.box_predictor.cls_score has the hook __main__.halve"},
    {"pre_hook", "backbone has the hook __main__.double_input"},
    {"hook_on_container", "rpn.head.conv has the hook __main__.halve"},
    {"weight_norm", "cls_score has the hook torch.nn.utils.weight_norm.WeightNorm", false},
    {"spectral_norm", "cls_score has the hook torch.nn.utils.spectral_norm.SpectralNorm", false},
    {"replaced_forward",
     "backbone.fpn.forward is replaced on the object by \"<method other_forward>\""},
    {"replaced_method",
     "roi_heads.postprocess_detections is replaced on the object by \"__main__.halve\""},
    {"replaced_resize", "transform.resize is replaced on the object by \"__main__.other_forward\""},
    {"silu", "is torch.nn.modules.activation.SiLU, torchvision has Hardswish there"},
    {"leaky", "is torch.nn.modules.activation.LeakyReLU, torchvision has ReLU there"},
    {"scale_activation",
     "scale_activation is torch.nn.modules.activation.Sigmoid, torchvision has Hardsigmoid"},
    {"no_activation",
     "backbone.body.0.2 is torch.nn.modules.linear.Identity, torchvision has "
     "Hardswish there"},
    {"own_scale", "backbone.body.4.block.2.scale_activation is __main__.OwnSigmoid; its code"},
    {"dilation", "backbone.body.13.block.1.0.dilation is [2,2], torchvision has 1"},
    {"stride", "backbone.body.2.block.1.0.stride is [1,1], torchvision has 2"},
    {"padding", "rpn.head.conv.0.0.padding is [0,0], torchvision has 1"},
    {"padding_text", "rpn.head.conv.0.0.padding is \"same\", torchvision has 1"},
    {"groups", "rpn.head.cls_logits.groups is 2, torchvision has 1"},
    {"depthwise_groups", "backbone.body.2.block.1.0.groups is 1, torchvision has 64"},
    {"squeezed_to", "backbone.body.4.block.2.avgpool.output_size is 2, torchvision has 1"},
    {"squeeze_activation",
     "backbone.body.4.block.2.activation is torch.nn.modules.activation.ReLU6"},
    {"padding_mode", "rpn.head.conv.0.0.padding_mode is \"reflect\", torchvision has \"zeros\""},
    {"instance_norm",
     "is torch.nn.modules.instancenorm.InstanceNorm2d, torchvision has "
     "BatchNorm2d there"},
    {"residual", "backbone.body.3.use_res_connect is false, torchvision has true"},
    {"extra_layer",
     "rpn.head.conv.1 is torch.nn.modules.activation.Tanh, which runs there and is "
     "not in torchvision's model"},
    {"extra_in_body", "backbone.body.17 is torch.nn.modules.pooling.AvgPool2d, which runs there"},
    {"swapped_order", "backbone.body.0.1 runs after modules that come later"},
    {"cell_anchors", "rpn.anchor_generator.cell_anchors are not those that its settings make"},
    {"late_sizes", "rpn.anchor_generator.cell_anchors are not those that its settings make"},
    {"rpn_clip", "rpn.box_coder.bbox_xform_clip is 1"},
    {"rpn_weights", "rpn.box_coder.weights is [10"},
    {"box_clip", "roi_heads.box_coder.bbox_xform_clip is 1"},
    {"canonical_scale", "roi_heads.box_roi_pool.canonical_scale is 112, torchvision has 224"},
    {"canonical_level", "roi_heads.box_roi_pool.canonical_level is 5, torchvision has 4"},
    {"stale_scales", "roi_heads.box_roi_pool.scales is [0.5,0.25], torchvision has [0.03125"},
    {"mask_activation", "roi_heads.mask_predictor.relu is torch.nn.modules.activation.GELU"},
    {"mask_dilation", "roi_heads.mask_head.0.0.dilation is [2,2], torchvision has 1"},
    {"no_mask_pool", "roi_heads.mask_roi_pool is missing"},
    {"average_pool",
     "backbone.body.maxpool is torch.nn.modules.pooling.AvgPool2d, torchvision has "
     "MaxPool2d there"},
    {"ceil_mode", "backbone.body.maxpool.ceil_mode is true, torchvision has false"},
    {"pool_kernel", "backbone.body.maxpool.kernel_size is 2, torchvision has 3"},
    {"pool_stride", "backbone.body.maxpool.stride is [1,1], torchvision has 2"},
    {"pool_padding", "backbone.body.maxpool.padding is [0,1], torchvision has 1"},
    {"pool_dilation", "backbone.body.maxpool.dilation is 2, torchvision has 1"},
    {"pool_indices", "backbone.body.maxpool.return_indices is true, torchvision has false"},
    {"transposed_groups", "roi_heads.mask_predictor.conv5_mask.groups is 2, torchvision has 1"},
    {"mask_stride", "roi_heads.mask_predictor.conv5_mask.stride is [1,1], torchvision has 2"},
    {"transposed_stride", "kps_score_lowres.stride is [1,1], torchvision has 2"},
    {"transposed_padding", "kps_score_lowres.padding is [0,0], torchvision has 1"},
    {"transposed_dilation", "kps_score_lowres.dilation is [2,2], torchvision has 1"},
    {"flatten_start", "roi_heads.box_head.4.start_dim is 2, torchvision has 1"},
    {"flatten_end", "roi_heads.box_head.4.end_dim is 2, torchvision has -1"},
    {"block_activation", "backbone.body.layer1.0.relu is torch.nn.modules.activation.Softplus"},
    {"keypoint_scale", "roi_heads.keypoint_predictor.up_scale is 4, torchvision has 2"},
    {"keypoint_activation", "roi_heads.keypoint_head.1 is torch.nn.modules.activation.ELU"},
    {"output_padding",
     "roi_heads.keypoint_predictor.kps_score_lowres.output_padding is [1,1], torchvision has 0"},
    {"from_pyramid", "backbone.fpn.extra_blocks.use_P5 is"},
    {"retinanet_clip", "box_coder.bbox_xform_clip is 2"},
    {"retinanet_activation", "head.classification_head.conv.0.1 is torch.nn.modules.activation."},
    {"retinanet_classes", "head.classification_head.num_classes is 1, torchvision has 3"},
    {"fcos_coder", "box_coder.normalize_by_size is false, torchvision has true"},
    {"fcos_classes", "head.classification_head.num_classes is 1, torchvision has 3"},
    {"ssd_pool_kernel", "backbone.features.4.kernel_size is [3,3], torchvision has 2"},
    {"ssd_pool_padding", "backbone.extra.0.7.0.padding is 0, torchvision has 1"},
    {"ssd_dilation", "backbone.extra.0.7.1.dilation is [1,1], torchvision has 6"},
    {"fcos_activation", "head.regression_head.conv.2 is torch.nn.modules.activation.Tanh"},
    {"ssd_ceil", "backbone.features.16.ceil_mode is false, torchvision has true"},
    {"ssd_columns", "head.classification_head.num_columns is 1, torchvision has 3"},
    {"ssd_boxes", "anchor_generator._wh_pairs are not those that its settings make"},
    {"ssd_weights", "box_coder.weights is [1"},
    {"relu6_limit", "backbone.extra.0.0.2.max_val is 4"},
};

TEST(LiveModules, ThatComputeSomethingElseAreRefused) {
  for (const Refused& row : kRefused) {
    SCOPED_TRACE(row.name);
    const Checkpoint checkpoint = module_of(row.name);
    EXPECT_THAT(message_of([&] { build_model(checkpoint, {}); }),
                AllOf(HasSubstr("error[W005]"), HasSubstr(row.sentence)));
    if (!row.recognised) continue;
    EXPECT_THAT(recognise(checkpoint).differences, Contains(HasSubstr(row.sentence)));
  }
}

TEST(LiveModules, EveryModuleIsTested) {
  std::set<std::string> known{"dropout", "settings_on_object", "own_names", "no_pool",
                              "no_pool_state"};
  for (const Refused& row : kRefused) known.insert(row.name);
  for (const Model& model : models()) known.insert(model.name);
  for (const auto& file : testing::files_in(kFolder, ".pth")) {
    EXPECT_TRUE(known.contains(file.stem())) << file;
  }
}

TEST(LiveModules, OfTorchvisionsBuildersAreExportedWithoutAWord) {
  for (const Model& model : models()) {
    if (model.task != Task::kDetection) continue;  // of which classifiers_test.cpp has some
    SCOPED_TRACE(model.name);
    const ExportReport report = build_model(module_of(model.name), {.arch = model.name}).report;
    EXPECT_THAT(report.warnings, IsEmpty());
    EXPECT_THAT(report.notes, IsEmpty());
  }
}

TEST(LiveModules, AreExportedOnRequestAndTheFileSaysSo) {
  const ExportedModel exported =
      export_to_memory(module_of("own_roi_heads"), {.assume_torchvision = true});
  const std::string sentence = "roi_heads is __main__.OwnRoIHeads; its code is not in the file";
  EXPECT_THAT(exported.report.warnings, ::testing::ElementsAre(sentence));
  EXPECT_THAT(
      std::string(reinterpret_cast<const char*>(exported.bytes.data()), exported.bytes.size()),
      AllOf(HasSubstr("tv2onnx.assumed_torchvision"), HasSubstr(sentence)));
}

/// Whether the file of the checkpoint finds what torchvision found.
void expect_equal(const std::string& checkpoint, const std::string& reference,
                  const ExportOptions& options = {}) {
  SCOPED_TRACE(checkpoint);
  const testing::TemporaryFolder folder;
  ExportOptions same = options;
  same.build.torchvision = {0, 14};
  const ExportReport report = export_onnx(module_of(checkpoint), folder / "model.onnx", same);
  EXPECT_THAT(report.warnings, IsEmpty());
  const VerifyReport found =
      verify(Detector((folder / "model.onnx").string()),
             read_reference((kFolder / (reference + ".safetensors")).string()));
  EXPECT_TRUE(found.equal()) << to_json(found);
  EXPECT_GE(found.expected, 5U) << "too few to compare";
}

TEST(LiveModules, WithOtherSettingsOnTheObjectAreServed) {
  expect_equal("settings_on_object", "settings_on_object");
}

TEST(LiveModules, WithDropoutInASequentialAreServed) {
  expect_equal("dropout", "dropout");
  const ExportReport report = build_model(module_of("dropout"), {}).report;
  EXPECT_THAT(report.notes, Contains(HasSubstr("roi_heads.box_head.1 "
                                               "(torch.nn.modules.dropout.Dropout) does nothing")));
}

TEST(LiveModules, WithOwnNamesOfFeatureMapsAreServed) {
  expect_equal("own_names", "own_names");
}

TEST(LiveModules, WithoutThePooledLevelAreServed) {
  expect_equal("no_pool", "no_pool");
}

TEST(LiveModules, AStateDictWithoutThePooledLevelNeedsTheAnchors) {
  const auto given = [](const std::string& name, const std::string& value) {
    return ExportOptions::Override{name, parse_json(value), "command line"};
  };
  const ExportOptions options{
      .overrides = {given("rpn_anchor_generator.sizes", "[[32,64],[128,256]]"),
                    given("rpn_anchor_generator.aspect_ratios", "[[0.5,1,2],[0.5,1,2]]"),
                    given("min_size", "160"), given("max_size", "240"),
                    given("box_detections_per_img", "20")}};
  expect_equal("no_pool_state", "no_pool", options);
  EXPECT_THAT(build_model(module_of("no_pool_state"), options).report.notes,
              Contains(HasSubstr("no pooled map follows")));
}

}  // namespace
}  // namespace tv2onnx
