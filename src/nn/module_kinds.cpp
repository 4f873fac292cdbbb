#include "nn/module_kinds.h"

#include <algorithm>
#include <array>

namespace tv2onnx {
namespace {

using K = ModuleKind;

/// Classes by the place where a release of torch (1.0 on) or torchvision (0.3 on) defines them.
struct Row {
  ModuleKind kind;
  std::string_view package;
  std::string_view name;
};

constexpr std::string_view kNn = "torch.nn.modules.";
constexpr std::string_view kTorchvisionOps = "torchvision.ops.";
constexpr std::string_view kModels = "torchvision.models.";
constexpr std::string_view kDetection = "torchvision.models.detection.";
constexpr std::string_view kSegmentation = "torchvision.models.segmentation.";
constexpr std::string_view kVideo = "torchvision.models.video.";
constexpr std::string_view kFlow = "torchvision.models.optical_flow.";

constexpr auto kRows = std::to_array<Row>({
    {K::kContainer, kNn, "container.Sequential"},
    {K::kContainer, kNn, "container.ModuleList"},
    {K::kContainer, kTorchvisionOps, "misc.Conv2dNormActivation"},
    {K::kContainer, kTorchvisionOps, "misc.MLP"},
    {K::kContainer, kModels, "vision_transformer.MLPBlock"},
    {K::kContainer, kTorchvisionOps, "misc.ConvNormActivation"},   // 0.11, 0.12
    {K::kContainer, kModels, "mobilenetv2.ConvBNActivation"},      // 0.9, 0.10
    {K::kContainer, kModels, "mobilenet.ConvBNReLU"},              // up to 0.8
    {K::kContainer, kModels, "mobilenetv2._DeprecatedConvBNAct"},  // 0.11, 0.12
    {K::kContainer, kDetection, "faster_rcnn.FastRCNNConvFCHead"},
    {K::kContainer, kDetection, "mask_rcnn.MaskRCNNHeads"},
    {K::kContainer, kDetection, "mask_rcnn.MaskRCNNPredictor"},
    {K::kContainer, kDetection, "keypoint_rcnn.KeypointRCNNHeads"},
    {K::kConv2d, kNn, "conv.Conv2d"},
    {K::kConv2d, kTorchvisionOps,
     "misc.Conv2d"},  // up to 0.9, for empty batches; the two below likewise
    {K::kConvTranspose2d, kNn, "conv.ConvTranspose2d"},
    {K::kConvTranspose2d, kTorchvisionOps, "misc.ConvTranspose2d"},
    {K::kBatchNorm, kNn, "batchnorm.BatchNorm2d"},
    {K::kBatchNorm, kNn, "batchnorm.SyncBatchNorm"},
    {K::kBatchNorm, kNn, "batchnorm.BatchNorm1d"},
    {K::kBatchNorm, kNn, "batchnorm.BatchNorm3d"},
    {K::kBatchNorm, kTorchvisionOps, "misc.BatchNorm2d"},
    {K::kBatchNorm, kTorchvisionOps, "misc.FrozenBatchNorm2d"},
    {K::kGroupNorm, kNn, "normalization.GroupNorm"},
    {K::kLinear, kNn, "linear.Linear"},
    {K::kLinear, kNn, "linear.NonDynamicallyQuantizableLinear"},
    {K::kFlatten, kNn, "flatten.Flatten"},
    {K::kMaxPool, kNn, "pooling.MaxPool2d"},
    {K::kGlobalAveragePool, kNn, "pooling.AdaptiveAvgPool2d"},
    {K::kReLU, kNn, "activation.ReLU"},
    {K::kReLU6, kNn, "activation.ReLU6"},
    {K::kHardswish, kNn, "activation.Hardswish"},
    {K::kHardsigmoid, kNn, "activation.Hardsigmoid"},
    {K::kSiLU, kNn, "activation.SiLU"},
    {K::kSigmoid, kNn, "activation.Sigmoid"},
    {K::kGELU, kNn, "activation.GELU"},
    {K::kTanh, kNn, "activation.Tanh"},
    {K::kMultiheadAttention, kNn, "activation.MultiheadAttention"},
    {K::kAveragePool, kNn, "pooling.AvgPool2d"},
    {K::kLayerNorm, kNn, "normalization.LayerNorm"},
    {K::kLayerNorm, kModels, "convnext.LayerNorm2d"},
    {K::kPermute, kTorchvisionOps, "misc.Permute"},
    {K::kPermute, kModels, "convnext.Permute"},  // 0.12
    {K::kNothing, kNn, "dropout.Dropout"},
    {K::kNothing, kNn, "linear.Identity"},
    {K::kConv3d, kNn, "conv.Conv3d"},
    {K::kConv3d, kVideo, "resnet.Conv3DSimple"},
    {K::kConv3d, kVideo, "resnet.Conv3DNoTemporal"},
    {K::kMaxPool3d, kNn, "pooling.MaxPool3d"},
    {K::kAveragePool3d, kNn, "pooling.AvgPool3d"},
    {K::kGlobalAveragePool3d, kNn, "pooling.AdaptiveAvgPool3d"},
    {K::kInstanceNorm, kNn, "instancenorm.InstanceNorm2d"},
    {K::kContainer, kTorchvisionOps, "misc.Conv3dNormActivation"},
    {K::kContainer, kTorchvisionOps, "misc.MLP"},
    {K::kContainer, kSegmentation, "fcn.FCNHead"},
    {K::kContainer, kSegmentation, "deeplabv3.DeepLabHead"},
    {K::kContainer, kSegmentation, "deeplabv3.ASPPConv"},
    {K::kContainer, kVideo, "resnet.BasicStem"},
    {K::kContainer, kVideo, "resnet.R2Plus1dStem"},
    {K::kContainer, kVideo, "resnet.Conv2Plus1D"},
    {K::kContainer, kVideo, "s3d.TemporalSeparableConv"},
    {K::kSegmenter, kSegmentation, "fcn.FCN"},
    {K::kSegmenter, kSegmentation, "deeplabv3.DeepLabV3"},
    {K::kAspp, kSegmentation, "deeplabv3.ASPP"},
    {K::kAsppPooling, kSegmentation, "deeplabv3.ASPPPooling"},
    {K::kLraspp, kSegmentation, "lraspp.LRASPP"},
    {K::kLrasppHead, kSegmentation, "lraspp.LRASPPHead"},
    {K::kVideoResNet, kVideo, "resnet.VideoResNet"},
    {K::kVideoBasicBlock, kVideo, "resnet.BasicBlock"},
    {K::kS3d, kVideo, "s3d.S3D"},
    {K::kSepInception, kVideo, "s3d.SepInceptionBlock3D"},
    {K::kMvit, kVideo, "mvit.MViT"},
    {K::kMvitBlock, kVideo, "mvit.MultiscaleBlock"},
    {K::kMvitAttention, kVideo, "mvit.MultiscaleAttention"},
    {K::kMvitPool, kVideo, "mvit.Pool"},
    {K::kMvitPositions, kVideo, "mvit.PositionalEncoding"},
    {K::kSwin3d, kVideo, "swin_transformer.SwinTransformer3d"},
    {K::kPatchEmbed3d, kVideo, "swin_transformer.PatchEmbed3d"},
    {K::kWindowAttention3d, kVideo, "swin_transformer.ShiftedWindowAttention3d"},
    {K::kRaft, kFlow, "raft.RAFT"},
    {K::kRaftBlock, kFlow, "raft.ResidualBlock"},
    {K::kRaftBlock, kFlow, "raft.BottleneckBlock"},
    {K::kRaftEncoder, kFlow, "raft.FeatureEncoder"},
    {K::kMotionEncoder, kFlow, "raft.MotionEncoder"},
    {K::kConvGru, kFlow, "raft.ConvGRU"},
    {K::kRecurrentBlock, kFlow, "raft.RecurrentBlock"},
    {K::kFlowHead, kFlow, "raft.FlowHead"},
    {K::kUpdateBlock, kFlow, "raft.UpdateBlock"},
    {K::kMaskPredictor, kFlow, "raft.MaskPredictor"},
    {K::kCorrBlock, kFlow, "raft.CorrBlock"},
    {K::kContainer, kModels, "densenet._Transition"},
    {K::kContainer, kModels, "regnet.SimpleStemIN"},
    {K::kContainer, kModels, "regnet.AnyStage"},
    {K::kContainer, kModels, "regnet.BottleneckTransform"},
    {K::kAlexNet, kModels, "alexnet.AlexNet"},
    {K::kVgg, kModels, "vgg.VGG"},
    {K::kResNet, kModels, "resnet.ResNet"},
    {K::kSqueezeNet, kModels, "squeezenet.SqueezeNet"},
    {K::kFire, kModels, "squeezenet.Fire"},
    {K::kDenseNet, kModels, "densenet.DenseNet"},
    {K::kDenseBlock, kModels, "densenet._DenseBlock"},
    {K::kDenseLayer, kModels, "densenet._DenseLayer"},
    {K::kInception, kModels, "inception.Inception3"},
    {K::kGoogLeNet, kModels, "googlenet.GoogLeNet"},
    {K::kInceptionModule, kModels, "googlenet.Inception"},
    {K::kInceptionModule, kModels, "inception.InceptionA"},
    {K::kInceptionModule, kModels, "inception.InceptionB"},
    {K::kInceptionModule, kModels, "inception.InceptionC"},
    {K::kInceptionModule, kModels, "inception.InceptionD"},
    {K::kInceptionModule, kModels, "inception.InceptionE"},
    {K::kBasicConv, kModels, "googlenet.BasicConv2d"},
    {K::kBasicConv, kModels, "inception.BasicConv2d"},
    {K::kMobileNetV2, kModels, "mobilenetv2.MobileNetV2"},
    {K::kMobileNetV2, kModels, "mobilenet.MobileNetV2"},  // up to 0.8
    {K::kMobileNetV2, kModels, "quantization.mobilenetv2.QuantizableMobileNetV2"},
    {K::kMobileNetV3, kModels, "mobilenetv3.MobileNetV3"},
    {K::kShuffleNetV2, kModels, "shufflenetv2.ShuffleNetV2"},
    {K::kShuffleNetV2Block, kModels, "shufflenetv2.InvertedResidual"},
    {K::kMnasNet, kModels, "mnasnet.MNASNet"},
    {K::kMnasNetBlock, kModels, "mnasnet._InvertedResidual"},
    {K::kEfficientNet, kModels, "efficientnet.EfficientNet"},
    {K::kMbConv, kModels, "efficientnet.MBConv"},
    {K::kFusedMbConv, kModels, "efficientnet.FusedMBConv"},
    {K::kRegNet, kModels, "regnet.RegNet"},
    {K::kRegNetBlock, kModels, "regnet.ResBottleneckBlock"},
    {K::kConvNext, kModels, "convnext.ConvNeXt"},
    {K::kConvNextBlock, kModels, "convnext.CNBlock"},
    {K::kSwin, kModels, "swin_transformer.SwinTransformer"},
    {K::kSwinBlock, kModels, "swin_transformer.SwinTransformerBlock"},
    {K::kSwinBlockV2, kModels, "swin_transformer.SwinTransformerBlockV2"},
    {K::kWindowAttention, kModels, "swin_transformer.ShiftedWindowAttention"},
    {K::kWindowAttentionV2, kModels, "swin_transformer.ShiftedWindowAttentionV2"},
    {K::kPatchMerging, kModels, "swin_transformer.PatchMerging"},
    {K::kPatchMergingV2, kModels, "swin_transformer.PatchMergingV2"},
    {K::kVit, kModels, "vision_transformer.VisionTransformer"},
    {K::kVitEncoder, kModels, "vision_transformer.Encoder"},
    {K::kVitBlock, kModels, "vision_transformer.EncoderBlock"},
    {K::kMaxVit, kModels, "maxvit.MaxVit"},
    {K::kMaxVitBlock, kModels, "maxvit.MaxVitBlock"},
    {K::kMaxVitLayer, kModels, "maxvit.MaxVitLayer"},
    {K::kMaxVitMbConv, kModels, "maxvit.MBConv"},
    {K::kMaxVitPartition, kModels, "maxvit.PartitionAttentionLayer"},
    {K::kMaxVitAttention, kModels, "maxvit.RelativePositionalMultiHeadAttention"},
    {K::kLayerGetter, kModels, "_utils.IntermediateLayerGetter"},
    {K::kBasicBlock, kModels, "resnet.BasicBlock"},
    {K::kBottleneck, kModels, "resnet.Bottleneck"},
    {K::kMobileNetV2Block, kModels, "mobilenetv2.InvertedResidual"},
    {K::kMobileNetV2Block, kModels, "mobilenet.InvertedResidual"},  // up to 0.8
    {K::kMobileNetV2Block, kModels, "quantization.mobilenetv2.QuantizableInvertedResidual"},
    {K::kMobileNetV3Block, kModels, "mobilenetv3.InvertedResidual"},
    {K::kSqueezeExcitation, kTorchvisionOps, "misc.SqueezeExcitation"},
    {K::kSqueezeExcitation, kModels, "mobilenetv3.SqueezeExcitation"},  // up to 0.12
    {K::kBackboneWithFpn, kDetection, "backbone_utils.BackboneWithFPN"},
    {K::kPyramid, kTorchvisionOps, "feature_pyramid_network.FeaturePyramidNetwork"},
    {K::kLastLevelMaxPool, kTorchvisionOps, "feature_pyramid_network.LastLevelMaxPool"},
    {K::kLastLevelP6P7, kTorchvisionOps, "feature_pyramid_network.LastLevelP6P7"},
    {K::kSsdVgg, kDetection, "ssd.SSDFeatureExtractorVGG"},
    {K::kSsdliteMobileNet, kDetection, "ssdlite.SSDLiteFeatureExtractorMobileNet"},
    {K::kTransform, kDetection, "transform.GeneralizedRCNNTransform"},
    {K::kAnchorGenerator, kDetection, "anchor_utils.AnchorGenerator"},
    {K::kAnchorGenerator, kDetection, "rpn.AnchorGenerator"},  // up to 0.7
    {K::kDefaultBoxGenerator, kDetection, "anchor_utils.DefaultBoxGenerator"},
    {K::kRcnn, kDetection, "generalized_rcnn.GeneralizedRCNN"},
    {K::kRcnn, kDetection, "faster_rcnn.FasterRCNN"},
    {K::kRcnn, kDetection, "mask_rcnn.MaskRCNN"},
    {K::kRcnn, kDetection, "keypoint_rcnn.KeypointRCNN"},
    {K::kRpn, kDetection, "rpn.RegionProposalNetwork"},
    {K::kRpnHead, kDetection, "rpn.RPNHead"},
    {K::kRoiHeads, kDetection, "roi_heads.RoIHeads"},
    {K::kRoiAlign, kTorchvisionOps, "poolers.MultiScaleRoIAlign"},
    {K::kBoxHead, kDetection, "faster_rcnn.TwoMLPHead"},
    {K::kBoxPredictor, kDetection, "faster_rcnn.FastRCNNPredictor"},
    {K::kKeypointPredictor, kDetection, "keypoint_rcnn.KeypointRCNNPredictor"},
    {K::kRetinaNet, kDetection, "retinanet.RetinaNet"},
    {K::kRetinaNetHead, kDetection, "retinanet.RetinaNetHead"},
    {K::kRetinaNetClassification, kDetection, "retinanet.RetinaNetClassificationHead"},
    {K::kRetinaNetRegression, kDetection, "retinanet.RetinaNetRegressionHead"},
    {K::kFcos, kDetection, "fcos.FCOS"},
    {K::kFcosHead, kDetection, "fcos.FCOSHead"},
    {K::kFcosClassification, kDetection, "fcos.FCOSClassificationHead"},
    {K::kFcosRegression, kDetection, "fcos.FCOSRegressionHead"},
    {K::kSsd, kDetection, "ssd.SSD"},
    {K::kSsdHead, kDetection, "ssd.SSDHead"},
    {K::kSsdHead, kDetection, "ssdlite.SSDLiteHead"},
    {K::kSsdScoring, kDetection, "ssd.SSDClassificationHead"},
    {K::kSsdScoring, kDetection, "ssd.SSDRegressionHead"},
    {K::kSsdScoring, kDetection, "ssdlite.SSDLiteClassificationHead"},
    {K::kSsdScoring, kDetection, "ssdlite.SSDLiteRegressionHead"},
});

bool is_row(const Row& row, std::string_view class_name) {
  return class_name.size() == row.package.size() + row.name.size() &&
         class_name.starts_with(row.package) && class_name.ends_with(row.name);
}

}  // namespace

std::string_view module_kind_name(ModuleKind kind) {
  const auto row = std::ranges::find(kRows, kind, &Row::kind);
  return row->name.substr(row->name.find('.') + 1);
}

bool is_of_kind(std::string_view class_name, ModuleKind kind) {
  return std::ranges::any_of(
      kRows, [&](const Row& row) { return row.kind == kind && is_row(row, class_name); });
}

bool runs_its_children(std::string_view class_name) {
  const bool list = class_name == "torch.nn.modules.container.ModuleList";
  return !list && (is_of_kind(class_name, ModuleKind::kContainer) ||
                   is_of_kind(class_name, ModuleKind::kLayerGetter) ||
                   is_of_kind(class_name, ModuleKind::kAsppPooling));
}

bool has_known_code(std::string_view class_name) {
  return class_name.starts_with("torch.") || class_name.starts_with("torchvision.");
}

}  // namespace tv2onnx
