#include "zoo/families.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "zoo/detection/recognise_rcnn.h"
#include "zoo/segmentation/imply_dilation.h"

namespace tv2onnx {
namespace {

/// A family is recognised by keys that all must be there. The first match counts, so the more
/// special one stands higher.
struct FamilyRow {
  std::vector<std::string_view> keys;
  std::vector<std::string_view> rows;  ///< of models(), which are then told apart by building them
  std::string_view other = {};         ///< the name of what no row fits
  /// Looks closer, where keys alone do not tell the rows.
  void (*refine)(const Checkpoint& checkpoint, FamilyMatch& match) = nullptr;
  std::string_view head = {};  ///< of classifiers: what the keys of the head begin with
};

using Names = std::vector<std::string_view>;

const Names kVggs{"vgg11", "vgg11_bn", "vgg13", "vgg13_bn",
                  "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"};
const Names kDenseNets{"densenet121", "densenet161", "densenet169", "densenet201"};
const Names kEfficientNets{"efficientnet_b0",   "efficientnet_b1",  "efficientnet_b2",
                           "efficientnet_b3",   "efficientnet_b4",  "efficientnet_b5",
                           "efficientnet_b6",   "efficientnet_b7",  "efficientnet_v2_s",
                           "efficientnet_v2_m", "efficientnet_v2_l"};
const Names kRegNets{"regnet_x_400mf", "regnet_x_800mf", "regnet_x_1_6gf", "regnet_x_3_2gf",
                     "regnet_x_8gf",   "regnet_x_16gf",  "regnet_x_32gf",  "regnet_y_400mf",
                     "regnet_y_800mf", "regnet_y_1_6gf", "regnet_y_3_2gf", "regnet_y_8gf",
                     "regnet_y_16gf",  "regnet_y_32gf",  "regnet_y_128gf"};

/// `head`: what the keys of the head begin with
FamilyRow classifiers(Names keys, Names rows, std::string_view other, std::string_view head) {
  return {std::move(keys), std::move(rows), other, nullptr, head};
}

/// Of torchvision.models.quantization.
struct Quantised {
  std::string_view key;
  Names rows;
  std::string_view other;
  std::string_view head;
};
const Quantised kQuantisedResNets{"layer1.0.conv1.weight",
                                  {"quantized_resnet18", "quantized_resnet50",
                                   "quantized_resnext101_32x8d", "quantized_resnext101_64x4d"},
                                  "a quantised ResNet of another form than torchvision's",
                                  "fc."};
const Quantised kQuantisedMobileNetsV2{"features.1.conv.0.0.weight",
                                       {"quantized_mobilenet_v2"},
                                       "a quantised MobileNetV2 of another form than torchvision's",
                                       "classifier."};
const Quantised kQuantisedMobileNetsV3{"features.1.block.0.0.weight",
                                       {"quantized_mobilenet_v3_large"},
                                       "a quantised MobileNetV3 of another form than torchvision's",
                                       "classifier."};
const Quantised kQuantisedShuffleNets{
    "stage2.0.branch1.0.weight",
    {"quantized_shufflenet_v2_x0_5", "quantized_shufflenet_v2_x1_0", "quantized_shufflenet_v2_x1_5",
     "quantized_shufflenet_v2_x2_0"},
    "a quantised ShuffleNet V2 of another form than torchvision's",
    "fc."};
const Quantised kQuantisedInceptions{"Mixed_5b.branch1x1.conv.weight",
                                     {"quantized_inception_v3"},
                                     "a quantised Inception of another form than torchvision's",
                                     "fc."};
const Quantised kQuantisedGoogLeNets{"inception3a.branch1.conv.weight",
                                     {"quantized_googlenet"},
                                     "a quantised GoogLeNet of another form than torchvision's",
                                     "fc."};

/// `mark`: what all of them have that torch has converted, or prepared.
FamilyRow quantised(std::string_view mark, const Quantised& family) {
  return classifiers({mark, family.key}, family.rows, family.other, family.head);
}

/// A whole module says whether it is that of torchvision.models.quantization.
void imply_quantizable(const Checkpoint& checkpoint, FamilyMatch& match) {
  const ModuleInfo* module = checkpoint.module("");
  if (module == nullptr || module->class_name.find(".quantization.") == std::string::npos) return;
  match.settings.push_back({"quantizable", {true}, "the module's class"});
}

const std::vector<FamilyRow>& families() {
  static const std::vector<FamilyRow> table{
      quantised("quant.scale", kQuantisedResNets),
      quantised("quant.activation_post_process.scale", kQuantisedResNets),
      quantised("quant.scale", kQuantisedMobileNetsV2),
      quantised("quant.activation_post_process.scale", kQuantisedMobileNetsV2),
      quantised("quant.scale", kQuantisedMobileNetsV3),
      quantised("quant.activation_post_process.scale", kQuantisedMobileNetsV3),
      quantised("quant.scale", kQuantisedShuffleNets),
      quantised("quant.activation_post_process.scale", kQuantisedShuffleNets),
      quantised("quant.scale", kQuantisedInceptions),
      quantised("quant.activation_post_process.scale", kQuantisedInceptions),
      quantised("quant.scale", kQuantisedGoogLeNets),
      quantised("quant.activation_post_process.scale", kQuantisedGoogLeNets),
      {{"roi_heads.mask_predictor.mask_fcn_logits.weight", "roi_heads.mask_head.0.1.running_mean"},
       {"maskrcnn_resnet50_fpn_v2"}},
      {{"roi_heads.mask_predictor.mask_fcn_logits.weight", "roi_heads.box_head.0.0.weight"},
       {"maskrcnn_resnet50_fpn_v2"}},
      {{"roi_heads.mask_predictor.mask_fcn_logits.weight"}, {"maskrcnn_resnet50_fpn"}},
      {{"roi_heads.mask_predictor.0.weight"}, {"maskrcnn_resnet50_fpn"}},
      {{"roi_heads.keypoint_predictor.kps_score_lowres.weight"}, {"keypointrcnn_resnet50_fpn"}},
      {{"roi_heads.keypoint_predictor.0.weight"}, {"keypointrcnn_resnet50_fpn"}},
      {{"roi_heads.box_predictor.cls_score.weight"}, {}, {}, name_faster_rcnn},
      {{"roi_heads.box_predictor.cls_score.0.weight"}, {}, {}, name_faster_rcnn},
      {{"head.regression_head.bbox_ctrness.weight"}, {"fcos_resnet50_fpn"}},
      {{"head.classification_head.conv.0.1.weight", "head.regression_head.bbox_reg.weight"},
       {"retinanet_resnet50_fpn_v2"}},
      {{"head.classification_head.cls_logits.weight", "head.regression_head.bbox_reg.weight"},
       {"retinanet_resnet50_fpn"}},
      {{"head.classification_head.module_list.0.weight"}, {"ssd300_vgg16"}},
      {{"head.classification_head.module_list.0.1.weight"}, {"ssdlite320_mobilenet_v3_large"}},
      {{"classifier.0.convs.0.0.weight"},
       {"deeplabv3_resnet50", "deeplabv3_resnet101", "deeplabv3_mobilenet_v3_large"},
       "a DeepLabV3 of another form than torchvision's",
       imply_dilation},
      {{"classifier.low_classifier.weight"},
       {"lraspp_mobilenet_v3_large"},
       "an LR-ASPP of another form than torchvision's",
       imply_dilation},
      {{"backbone.layer1.0.conv1.weight", "classifier.4.weight"},
       {"fcn_resnet50", "fcn_resnet101"},
       "an FCN of another form than torchvision's",
       imply_dilation},
      {{"feature_encoder.convnormrelu.0.weight"},
       {"raft_large", "raft_small"},
       "a RAFT of another form than torchvision's"},
      classifiers({"stem.0.weight", "layer1.0.conv1.0.weight"}, {"r3d_18", "mc3_18"},
                  "an R3D or MC3 of another form than torchvision's", "fc."),
      classifiers({"stem.0.weight", "layer1.0.conv1.0.0.weight"}, {"r2plus1d_18"},
                  "an R(2+1)D of another form than torchvision's", "fc."),
      classifiers({"features.0.0.0.weight", "features.5.branch0.0.weight"}, {"s3d"},
                  "an S3D of another form than torchvision's", "classifier."),
      classifiers({"pos_encoding.class_token", "conv_proj.weight"}, {"mvit_v1_b", "mvit_v2_s"},
                  "an MViT of another form than torchvision's", "head."),
      classifiers({"class_token", "conv_proj.weight"},
                  {"vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14"},
                  "a Vision Transformer of another form than torchvision's", "heads."),
      classifiers({"patch_embed.proj.weight", "features.0.0.attn.relative_position_bias_table"},
                  {"swin3d_t", "swin3d_s", "swin3d_b"},
                  "a Swin Transformer of clips of another form than torchvision's", "head."),
      classifiers({"features.1.0.attn.logit_scale"}, {"swin_v2_t", "swin_v2_s", "swin_v2_b"},
                  "a Swin Transformer V2 of another form than torchvision's", "head."),
      classifiers({"features.1.0.attn.relative_position_bias_table"},
                  {"swin_t", "swin_s", "swin_b"},
                  "a Swin Transformer of another form than torchvision's", "head."),
      classifiers({"features.1.0.layer_scale"},
                  {"convnext_tiny", "convnext_small", "convnext_base", "convnext_large"},
                  "a ConvNeXt of another form than torchvision's", "classifier."),
      classifiers({"blocks.0.layers.0.layers.MBconv.layers.conv_a.0.weight"}, {"maxvit_t"},
                  "a MaxViT of another form than torchvision's", "classifier."),
      classifiers({"features.0.weight", "features.3.weight", "features.6.weight",
                   "features.8.weight", "features.10.weight"},
                  {"alexnet"}, "a network like AlexNet", "classifier."),
      classifiers({"features.3.squeeze.weight"}, {"squeezenet1_0", "squeezenet1_1"},
                  "a SqueezeNet of another form than torchvision's", "classifier."),
      classifiers({"features.0.weight", "features.16.weight"}, kVggs, "a network like VGG",
                  "classifier."),
      classifiers({"features.0.weight", "features.17.weight"}, kVggs, "a network like VGG",
                  "classifier."),
      classifiers({"features.denseblock1.denselayer1.norm1.weight"}, kDenseNets,
                  "a DenseNet of another form than torchvision's", "classifier."),
      classifiers({"features.denseblock1.denselayer1.norm.1.weight"}, kDenseNets,
                  "a DenseNet of another form than torchvision's", "classifier."),
      classifiers({"Mixed_5b.branch1x1.conv.weight"}, {"inception_v3"},
                  "an Inception of another form than torchvision's", "fc."),
      classifiers({"inception3a.branch1.conv.weight"}, {"googlenet"},
                  "a GoogLeNet of another form than torchvision's", "fc."),
      {{"features.1.conv.0.0.weight"},
       {"mobilenet_v2"},
       "a MobileNetV2 of another form than torchvision's",
       imply_quantizable,
       "classifier."},
      classifiers(
          {"stage2.0.branch1.0.weight"},
          {"shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0"},
          "a ShuffleNet V2 of another width than torchvision's", "fc."),
      classifiers({"layers.8.0.layers.0.weight"},
                  {"mnasnet0_5", "mnasnet0_75", "mnasnet1_0", "mnasnet1_3"},
                  "an MNASNet of another width than torchvision's", "classifier."),
      classifiers({"features.1.block.0.0.weight"}, {"mobilenet_v3_large", "mobilenet_v3_small"},
                  "a MobileNetV3 of another form than torchvision's", "classifier."),
      classifiers({"features.1.0.block.0.0.weight"}, kEfficientNets,
                  "an EfficientNet of another form than torchvision's", "classifier."),
      classifiers({"stem.0.weight", "trunk_output.block1.block1-0.f.a.0.weight"}, kRegNets,
                  "a RegNet of another form than torchvision's", "fc."),
      classifiers({"layer1.0.conv1.weight"},
                  {"resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d",
                   "resnext101_32x8d", "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2"},
                  "a ResNet of another form than torchvision's", "fc."),
      {{"classifier.weight"}, {}, "a classifier"},
      {{"classifier.1.weight"}, {}, "a classifier"},
      {{"classifier.6.weight"}, {}, "a classifier"},
  };
  return table;
}

}  // namespace

FamilyMatch match_family(const Checkpoint& checkpoint, bool backbone_given) {
  const auto present = [&](std::string_view key) { return checkpoint.find(key) != nullptr; };
  const auto family = std::ranges::find_if(families(), [&](const FamilyRow& candidate) {
    return std::ranges::all_of(candidate.keys, present);
  });
  FamilyMatch match;
  match.backbone_given = backbone_given;
  if (family == families().end()) return match;
  match.rows = family->rows;
  match.other = family->other;
  for (const std::string_view key : family->keys) {
    match.reasons.push_back(fmt::format("has {}", key));
  }
  match.headless = std::ranges::none_of(checkpoint.tensors, [&](const NamedTensor& tensor) {
    return tensor.name.starts_with(family->head);
  });
  if (family->refine != nullptr) family->refine(checkpoint, match);
  return match;
}

}  // namespace tv2onnx
