#pragma once
// The modules that graphs are built of, and the classes that they have in the releases of torch and
// torchvision. A new release that renames a class is a row in module_kinds.cpp.

#include <cstdint>
#include <string_view>

namespace tv2onnx {

enum class ModuleKind : std::uint8_t {
  // torch.nn
  kContainer,  ///< runs its children one after the other, or lets its parent run them
  kConv2d,
  kConvTranspose2d,
  kBatchNorm,
  kGroupNorm,
  kLinear,
  kFlatten,
  kMaxPool,
  kGlobalAveragePool,
  kReLU,
  kReLU6,
  kHardswish,
  kHardsigmoid,
  kSiLU,
  kSigmoid,
  kGELU,
  kTanh,
  kMultiheadAttention,
  kAveragePool,
  kLayerNorm,
  kPermute,
  kNothing,  ///< Dropout, Identity
  kConv3d,
  kMaxPool3d,
  kAveragePool3d,
  kGlobalAveragePool3d,
  kInstanceNorm,
  // torchvision's classifiers, and their parts
  kAlexNet,
  kVgg,
  kResNet,
  kSqueezeNet,
  kFire,
  kDenseNet,
  kDenseBlock,
  kDenseLayer,
  kInception,
  kGoogLeNet,
  kInceptionModule,
  kBasicConv,
  kMobileNetV2,
  kMobileNetV3,
  kShuffleNetV2,
  kShuffleNetV2Block,
  kMnasNet,
  kMnasNetBlock,
  kEfficientNet,
  kMbConv,
  kFusedMbConv,
  kRegNet,
  kRegNetBlock,
  kConvNext,
  kConvNextBlock,
  kSwin,
  kSwinBlock,
  kSwinBlockV2,
  kWindowAttention,
  kWindowAttentionV2,
  kWindowAttention3d,
  kPatchMerging,
  kPatchMergingV2,
  kVit,
  kVitEncoder,
  kVitBlock,
  kMaxVit,
  kMaxVitBlock,
  kMaxVitLayer,
  kMaxVitMbConv,
  kMaxVitPartition,
  kMaxVitAttention,
  // torchvision's segmentation models, and their parts
  kSegmenter,
  kAspp,
  kAsppPooling,
  kLraspp,
  kLrasppHead,
  // torchvision's video classifiers, and their parts
  kVideoResNet,
  kVideoBasicBlock,
  kS3d,
  kSepInception,
  kMvit,
  kMvitBlock,
  kMvitAttention,
  kMvitPool,
  kMvitPositions,
  kSwin3d,
  kPatchEmbed3d,
  // torchvision's optical flow models, and their parts
  kRaft,
  kRaftBlock,
  kRaftEncoder,
  kMotionEncoder,
  kConvGru,
  kRecurrentBlock,
  kFlowHead,
  kUpdateBlock,
  kMaskPredictor,
  kCorrBlock,
  // torchvision's backbones
  kLayerGetter,
  kBasicBlock,
  kBottleneck,
  kMobileNetV2Block,
  kMobileNetV3Block,
  kSqueezeExcitation,
  kBackboneWithFpn,
  kPyramid,
  kLastLevelMaxPool,
  kLastLevelP6P7,
  kSsdVgg,
  kSsdliteMobileNet,
  // torchvision's detectors
  kTransform,
  kAnchorGenerator,
  kDefaultBoxGenerator,
  kRcnn,
  kRpn,
  kRpnHead,
  kRoiHeads,
  kRoiAlign,
  kBoxHead,
  kBoxPredictor,
  kKeypointPredictor,
  kRetinaNet,
  kRetinaNetHead,
  kRetinaNetClassification,
  kRetinaNetRegression,
  kFcos,
  kFcosHead,
  kFcosClassification,
  kFcosRegression,
  kSsd,
  kSsdHead,
  kSsdScoring,
};

/// What people call it: "Conv2d".
std::string_view module_kind_name(ModuleKind kind);

/// Whether a class, "torch.nn.modules.conv.Conv2d", computes what the kind does. Its attributes may
/// still say otherwise.
bool is_of_kind(std::string_view class_name, ModuleKind kind);

/// Whether modules of the class run all of their children one after the other.
bool runs_its_children(std::string_view class_name);

/// Whether the code of a class is known: it is torch's or torchvision's.
bool has_known_code(std::string_view class_name);

/// Whether modules of the kind run a child of this name if they have one: "downsample".
bool runs_if_there(ModuleKind kind, std::string_view child);

/// Whether the classes of the kind run a method of this name in evaluation, which an attribute of
/// the same name replaces: "forward", "postprocess_detections".
bool has_method(ModuleKind kind, std::string_view name);

}  // namespace tv2onnx
