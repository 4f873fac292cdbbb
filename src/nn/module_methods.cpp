// The methods that the modules of graphs run in evaluation, and the children that they may have.

#include <algorithm>
#include <array>

#include "nn/module_kinds.h"

namespace tv2onnx {
namespace {

using K = ModuleKind;

struct Method {  // or child
  ModuleKind kind;
  std::string_view name;
};
/// Beside "forward", which all have. Also those of releases that had more of them, and of objects
/// that are no modules, behind the name that their module has for them.
constexpr auto kMethods = std::to_array<Method>({
    {K::kConv2d, "_conv_forward"},
    {K::kConv2d, "conv2d_forward"},
    {K::kConvTranspose2d, "_output_padding"},
    {K::kBatchNorm, "_check_input_dim"},
    {K::kConv3d, "_conv_forward"},
    {K::kInstanceNorm, "_check_input_dim"},
    {K::kInstanceNorm, "_apply_instance_norm"},
    {K::kCorrBlock, "build_pyramid"},
    {K::kCorrBlock, "index_pyramid"},
    {K::kCorrBlock, "_compute_corr_volume"},
    {K::kLayerGetter, "items"},
    {K::kResNet, "_forward_impl"},
    {K::kMobileNetV2, "_forward_impl"},
    {K::kMobileNetV3, "_forward_impl"},
    {K::kShuffleNetV2, "_forward_impl"},
    {K::kEfficientNet, "_forward_impl"},
    {K::kConvNext, "_forward_impl"},
    {K::kWindowAttention, "get_relative_position_bias"},
    {K::kWindowAttentionV2, "get_relative_position_bias"},
    {K::kWindowAttention3d, "get_relative_position_bias"},
    {K::kVit, "_process_input"},
    {K::kMultiheadAttention, "merge_masks"},
    {K::kMaxVitAttention, "get_relative_positional_bias"},
    {K::kInception, "_forward"},
    {K::kInception, "_transform_input"},
    {K::kInception, "eager_outputs"},
    {K::kInceptionModule, "_forward"},
    {K::kGoogLeNet, "_forward"},
    {K::kGoogLeNet, "_transform_input"},
    {K::kGoogLeNet, "eager_outputs"},
    {K::kDenseLayer, "bn_function"},
    {K::kDenseLayer, "any_requires_grad"},
    {K::kBasicBlock, "_forward"},
    {K::kBottleneck, "_forward"},
    {K::kSqueezeExcitation, "_scale"},
    {K::kPyramid, "get_result_from_inner_blocks"},
    {K::kPyramid, "get_result_from_layer_blocks"},
    {K::kTransform, "normalize"},
    {K::kTransform, "resize"},
    {K::kTransform, "batch_images"},
    {K::kTransform, "max_by_axis"},
    {K::kTransform, "postprocess"},
    {K::kAnchorGenerator, "generate_anchors"},
    {K::kAnchorGenerator, "set_cell_anchors"},
    {K::kAnchorGenerator, "grid_anchors"},
    {K::kAnchorGenerator, "cached_grid_anchors"},
    {K::kDefaultBoxGenerator, "_grid_default_boxes"},
    {K::kRcnn, "eager_outputs"},
    {K::kRpn, "box_coder.decode"},
    {K::kRpn, "box_coder.decode_single"},
    {K::kRpn, "_get_top_n_idx"},
    {K::kRpn, "filter_proposals"},
    {K::kRpn, "pre_nms_top_n"},
    {K::kRpn, "post_nms_top_n"},
    {K::kRoiHeads, "box_coder.decode"},
    {K::kRoiHeads, "box_coder.decode_single"},
    {K::kRoiHeads, "has_mask"},
    {K::kRoiHeads, "has_keypoint"},
    {K::kRoiHeads, "postprocess_detections"},
    {K::kRoiAlign, "convert_to_roi_format"},
    {K::kRoiAlign, "infer_scale"},
    {K::kRoiAlign, "setup_scales"},
    {K::kRetinaNet, "box_coder.decode_single"},
    {K::kRetinaNet, "eager_outputs"},
    {K::kRetinaNet, "postprocess_detections"},
    {K::kFcos, "box_coder.decode"},
    {K::kFcos, "box_coder.decode_single"},
    {K::kFcos, "eager_outputs"},
    {K::kFcos, "postprocess_detections"},
    {K::kSsd, "box_coder.decode_single"},
    {K::kSsd, "eager_outputs"},
    {K::kSsd, "postprocess_detections"},
    {K::kSsdScoring, "_get_result_from_module_list"},
});

/// Children that may be None.
constexpr auto kOptionalChildren = std::to_array<Method>({
    {K::kBasicBlock, "downsample"},
    {K::kBottleneck, "downsample"},
    {K::kVideoBasicBlock, "downsample"},
    {K::kRegNetBlock, "proj"},
    {K::kMvitBlock, "project"},
    {K::kMvitAttention, "pool_q"},
    {K::kMvitAttention, "pool_k"},
    {K::kMvitAttention, "pool_v"},
    {K::kPyramid, "extra_blocks"},
    {K::kRaft, "mask_predictor"},
    {K::kMotionEncoder, "convcorr2"},
    {K::kRecurrentBlock, "convgru2"},
    {K::kRoiHeads, "mask_head"},
    {K::kRoiHeads, "keypoint_head"},
});

}  // namespace

bool runs_if_there(ModuleKind kind, std::string_view child) {
  return std::ranges::any_of(kOptionalChildren, [&](const Method& optional) {
    return optional.kind == kind && optional.name == child;
  });
}

bool has_method(ModuleKind kind, std::string_view name) {
  return name == "forward" || std::ranges::any_of(kMethods, [&](const Method& method) {
           return method.kind == kind && method.name == name;
         });
}

}  // namespace tv2onnx
