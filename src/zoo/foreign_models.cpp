#include "zoo/foreign_models.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "base/text.h"

namespace tv2onnx {
namespace {

constexpr std::string_view kDetectron2 =
    "detectron2 exports its models itself: tools/deploy/export_model.py";
constexpr std::string_view kMmdetection = "mmdeploy exports models of mmdetection: tools/deploy.py";
constexpr std::string_view kOpenMmlab = "mmdeploy exports models of OpenMMLab: tools/deploy.py";
constexpr std::string_view kUltralytics =
    "ultralytics exports it: yolo export model=FILE "
    "format=onnx; YOLOv5 and YOLOv7 have an export.py";
constexpr std::string_view kOwnExporter = "the project that it comes from has an exporter";
constexpr std::string_view kTransformers =
    "Hugging Face optimum exports it: optimum-cli export onnx --model FOLDER OUT";
constexpr std::string_view kFullState = "save a full state dict: StateDictType.FULL_STATE_DICT";
constexpr std::string_view kPlainWeights =
    "make plain weights of each such module in Python, then save the state_dict(): "
    "torch.nn.utils.parametrize.remove_parametrizations(module, 'weight'), remove_weight_norm, "
    "remove_spectral_norm, or prune.remove";
constexpr std::string_view kTrace = "torch.onnx.export traces such a model in Python";

struct Sign {
  /// All must be there, at the beginning of a key or behind a dot.
  std::array<std::string_view, 3> keys;
  std::string_view name;
  std::string_view way_out;
};

/// Of models of any project, torchvision's too.
constexpr auto kComputed = std::to_array<Sign>({
    {{"_flat_param"}, "a model whose weights FSDP has flattened", kFullState},
    {{"_flat_param_0"}, "a model whose weights FSDP has flattened", kFullState},
    {{"parametrizations."},
     "a model whose weights are computed from others (torch.nn.utils.parametrize)",
     kPlainWeights},
    {{"weight_g", "weight_v"}, "a model with torch.nn.utils.weight_norm", kPlainWeights},
    {{"weight_orig", "weight_u"}, "a model with torch.nn.utils.spectral_norm", kPlainWeights},
    {{"weight_orig", "weight_mask"}, "a model with torch.nn.utils.prune", kPlainWeights},
});

/// The first row that fits counts.
constexpr auto kSigns = std::to_array<Sign>({
    {{"backbone.bottom_up."}, "a detector of detectron2", kDetectron2},
    {{"proposal_generator.rpn_head."}, "a detector of detectron2", kDetectron2},
    {{"roi_heads.box.feature_extractor."}, "a detector of maskrcnn-benchmark", kOwnExporter},
    {{"rpn.head.cls_tower."}, "an FCOS of maskrcnn-benchmark", kOwnExporter},
    {{"sem_seg_head.pixel_decoder.", "sem_seg_head.predictor."},
     "a MaskFormer of detectron2",
     kDetectron2},
    {{"roi_head.bbox_head.", "rpn_head."}, "a two-stage detector of mmdetection", kMmdetection},
    {{"backbone.", "neck.", "bbox_head."}, "a one-stage detector of mmdetection", kMmdetection},
    {{"backbone.", "bbox_head."}, "a one-stage detector of mmdetection", kMmdetection},
    {{"backbone.", "neck.", "mask_head."}, "a segmenter of mmdetection", kMmdetection},
    {{"backbone.", "panoptic_head."}, "a segmenter of mmdetection", kMmdetection},
    {{"segformer.encoder.", "decode_head."},
     "a SegFormer of Hugging Face transformers",
     kTransformers},
    {{"backbone.", "decode_head."}, "a model of mmsegmentation", kOpenMmlab},
    {{"backbone.", "keypoint_head.final_layer."}, "a model of mmpose", kOpenMmlab},
    {{"backbone.stem.", "heads.head1."}, "a YOLO-NAS of super-gradients", kOwnExporter},
    {{"detect.cls_preds.", "detect.reg_preds."}, "a YOLOv6", kOwnExporter},
    {{"backbone.backbone.dark2.", "head.cls_preds."}, "a YOLOX model", kOwnExporter},
    {{"0.conv.weight", "1.conv.weight", "2.cv1.conv.weight"},
     "a YOLO model of ultralytics",
     kUltralytics},
    {{"dfl.conv.weight"}, "a YOLO model of ultralytics", kUltralytics},
    {{"0.conv.weight", "implicit"}, "a YOLOv7 model", kUltralytics},
    {{"0.conv.weight", "m.0.weight", "anchor_grid"}, "a YOLOv7 model", kUltralytics},
    {{"module_list.0.conv_0.weight"}, "a YOLOv3 model of PyTorch-YOLOv3", kOwnExporter},
    {{"module_list.0.Conv2d.weight"}, "a YOLOv3 model of ultralytics", kUltralytics},
    {{"neek.", "down1.conv1.conv.0.weight"}, "a YOLOv4 model of pytorch-YOLOv4", kOwnExporter},
    {{"class_labels_classifier."}, "a DETR of Hugging Face transformers", kTransformers},
    {{"text_backbone.", "bbox_embed."}, "a Grounding DINO", kTransformers},
    {{"backbone.conv_encoder.", "bbox_embed."},
     "a DETR of Hugging Face transformers",
     kTransformers},
    {{"backbone.model.", "decoder.class_embed."},
     "an RT-DETR of Hugging Face transformers",
     kTransformers},
    {{"class_head.dense0.weight", "box_head.dense0.weight"},
     "an OWL-ViT of Hugging Face transformers",
     kTransformers},
    {{"pixel_level_module.", "class_predictor.weight"},
     "a MaskFormer of Hugging Face transformers",
     kTransformers},
    {{"transformer.", "class_embed.", "bbox_embed."}, "a DETR", kOwnExporter},
    {{"dec_score_head."}, "an RT-DETR", kOwnExporter},
    {{"vgg.0.weight", "loc.0.weight", "conf.0.weight"}, "an SSD of ssd.pytorch", kTrace},
    {{"base_net.", "classification_headers.", "regression_headers."},
     "an SSD of pytorch-ssd, which jetson-inference trains",
     "onnx_export.py of that project exports it"},
    {{"box_head.predictor.cls_headers."}, "an SSD of lufficc/SSD", kTrace},
    {{"feature_extractor.", "loc.0.weight", "conf.0.weight"},
     "an SSD of NVIDIA's examples",
     kTrace},
    {{"classificationModel.", "regressionModel."}, "a RetinaNet of pytorch-retinanet", kTrace},
    {{"RCNN_base.", "RCNN_rpn."}, "a Faster R-CNN of faster-rcnn.pytorch", kTrace},
    {{"extractor.", "rpn.", "head.cls_loc."},
     "a Faster R-CNN of simple-faster-rcnn-pytorch",
     kTrace},
    {{"rpn.conv_shared.", "classifier.linear_class."}, "a Mask R-CNN of pytorch-mask-rcnn", kTrace},
    {{"proto_net.", "prediction_layers."}, "a YOLACT", kTrace},
    {{"BboxHead.0.", "ClassHead.0."}, "a RetinaFace", kOwnExporter},
    {{"pnet.conv1.", "rnet.conv1."}, "an MTCNN", kTrace},
    {{"bifpn."}, "an EfficientDet", kOwnExporter},
    {{"class_net.", "box_net.", "fpn.cell."}, "an EfficientDet of effdet", kOwnExporter},
    {{"segmentation_head.0.weight", "decoder.", "encoder."},
     "a model of segmentation_models_pytorch",
     kTrace},
    {{"classifier.low_classifier.weight", "backbone."}, "an LRASPP of torchvision", kTrace},
    {{"inc.double_conv.0.weight", "outc.conv.weight"}, "a U-Net of Pytorch-UNet", kTrace},
    {{"hm.0.weight", "wh.0.weight", "reg.0.weight"}, "a CenterNet", kOwnExporter},
    {{"image_encoder.blocks.0.", "mask_decoder.", "prompt_encoder."},
     "a Segment Anything model",
     "scripts/export_onnx_model.py of segment-anything exports it"},
    {{"image_encoder.trunk.", "sam_mask_decoder."}, "a SAM 2", kOwnExporter},
    {{"vision_encoder.", "mask_decoder.", "prompt_encoder."},
     "a Segment Anything model of Hugging Face transformers",
     kTransformers},
    {{"vision_model.", "text_model."}, "a CLIP of Hugging Face transformers", kTransformers},
    {{"visual.conv1.weight", "transformer.resblocks.0."}, "a CLIP", kTrace},
    {{"classifier.0.convs.0.0.weight"}, "a DeepLabV3 of another form than torchvision's", kTrace},
    {{"backbone.layer1.0.conv1.weight", "classifier.4.weight"},
     "a segmentation model of another form than torchvision's",
     kTrace},
    {{"conv_proj.conv_bn_relu_0.0.weight"},
     "a Vision Transformer with a stem of convolutions (conv_stem_configs)",
     kTrace},
    {{"patch_embed.proj.weight", "relative_position_bias_table"}, "a Swin of timm", kTrace},
    {{"patch_embed.proj.weight", "blocks.0.attn.qkv.weight"}, "a ViT of timm", kTrace},
    {{"conv_stem.weight", "blocks.0."}, "a model of timm", kTrace},
    {{"conv1.6.weight", "layer1.0."}, "a ResNet of timm", kTrace},
    {{"pre_logits.fc1.weight"}, "a VGG of timm", kTrace},
    {{"stem.conv.weight", "s1.b1."}, "a RegNet of timm", kTrace},
    {{"stem.proj.weight", "blocks.0."}, "a model of timm", kTrace},
    {{"stage2.0.branches."}, "an HRNet", kTrace},
    {{"stem.0.weight", "stages.0.blocks.0."}, "a model of timm", kTrace},
    {{"_conv_stem.weight", "_blocks.0."}, "a model of efficientnet_pytorch", kTrace},
    {{"embeddings.patch_embeddings.", "encoder.layer.0."},
     "a vision model of Hugging Face transformers",
     kTransformers},
    {{"embedder.embedder.", "encoder.stages.0.layers.0."},
     "a vision model of Hugging Face transformers",
     kTransformers},
    {{"embeddings.patch_embeddings.", "encoder.stages.0.layers.0."},
     "a vision model of Hugging Face transformers",
     kTransformers},
    {{"embeddings.word_embeddings.", "encoder.layer.0."},
     "a language model of Hugging Face transformers",
     kTransformers},
});

constexpr std::string_view kStateDict =
    "its state_dict() can be exported: torch.save(model.state_dict(), 'weights.pth')";

/// By the package that a checkpoint names.
constexpr auto kPackages = std::to_array<std::array<std::string_view, 3>>({
    {"ultralytics.", "a YOLO model of ultralytics", kUltralytics},
    {"models.yolo.", "a YOLO model of ultralytics", kUltralytics},
    {"detectron2.", "a detector of detectron2", kDetectron2},
    {"mmdet.", "a detector of mmdetection", kMmdetection},
    {"mmengine.", "a model of OpenMMLab", kMmdetection},
    {"effdet.", "an EfficientDet of effdet", kOwnExporter},
    {"segmentation_models_pytorch.", "a model of segmentation_models_pytorch", kTrace},
    {"timm.", "a model of timm", kTrace},
    {"torch.ao.nn.quantized.", "a whole module that torch has quantised", kStateDict},
    {"torch.nn.quantized.", "a whole module that torch has quantised", kStateDict},
    {"transformers.", "a model of Hugging Face transformers", kTransformers},
});

constexpr std::string_view kSaveFloat =
    "save the float model before it is quantised: torch.save(model.state_dict(), 'weights.pth')";

constexpr std::string_view kUnprepared =
    "load it with strict=False into a model that was not prepared, and save that one's "
    "state_dict(): the same weights, without the rounding that was simulated";

constexpr std::string_view kPacked = "_packed_params";
constexpr std::string_view kObserver = "activation_post_process";

struct QuantisedSign {
  std::string_view part;  ///< of a key
  std::string_view name;
  std::string_view way_out;
};
constexpr auto kQuantised = std::to_array<QuantisedSign>({
    {kObserver, "a model prepared for quantisation (prepare_qat or prepare)", kUnprepared},
    {"weight_fake_quant", "a model prepared for quantisation (prepare_qat or prepare)",
     kUnprepared},
    {kPacked, "a quantised model of torch.ao.quantization", kSaveFloat},
    {"quant_state.bitsandbytes", "a model quantised by bitsandbytes", kSaveFloat},
    {"qweight", "a model quantised by GPTQ or AWQ", kSaveFloat},
});

bool has_key(const Checkpoint& checkpoint, std::string_view sign) {
  return std::ranges::any_of(checkpoint.tensors, [&](const NamedTensor& tensor) {
    const std::string_view name = tensor.name;
    if (name.starts_with(sign)) return true;
    for (std::size_t at = name.find(sign); at != std::string_view::npos;
         at = name.find(sign, at + 1)) {
      if (at > 0 && name[at - 1] == '.') return true;
    }
    return false;
  });
}

/// The first name of a tensor, or of another value of the state dict, that has the text in it.
std::string name_with(const Checkpoint& checkpoint, std::string_view part) {
  const auto has = [&](const auto& name) { return name.find(part) != std::string::npos; };
  const auto tensor = std::ranges::find_if(checkpoint.tensors, has, &NamedTensor::name);
  if (tensor != checkpoint.tensors.end()) return tensor->name;
  const auto value = std::ranges::find_if(checkpoint.extras, has, &SettingMember::first);
  return value != checkpoint.extras.end() ? value->first : "";
}

ForeignModel first_sign(const Checkpoint& checkpoint, std::span<const Sign> signs) {
  for (const Sign& sign : signs) {
    std::vector<std::string_view> keys;
    for (const std::string_view key : sign.keys) {
      if (!key.empty()) keys.push_back(key);
    }
    if (!std::ranges::all_of(keys, [&](auto key) { return has_key(checkpoint, key); })) continue;
    return {.name = std::string(sign.name),
            .reason = fmt::format("has {}", fmt::join(keys, ", ")),
            .way_out = std::string(sign.way_out)};
  }
  return {};
}

}  // namespace

ForeignModel computed_weights(const Checkpoint& checkpoint) {
  return first_sign(checkpoint, kComputed);
}

ForeignModel foreign_by_keys(const Checkpoint& checkpoint) {
  return first_sign(checkpoint, kSigns);
}

ForeignModel foreign_by_classes(const Checkpoint& checkpoint) {
  for (const auto& [package, name, way_out] : kPackages) {
    const auto used = std::ranges::find_if(checkpoint.globals, [&](const GlobalUse& global) {
      return global.name.starts_with(package);
    });
    if (used == checkpoint.globals.end()) continue;
    return {.name = std::string(name),
            .reason = fmt::format("refers to {}", printable(used->name)),
            .way_out = std::string(way_out)};
  }
  return {};
}

ForeignModel quantised_model(const Checkpoint& checkpoint) {
  for (const QuantisedSign& sign : kQuantised) {
    const std::string name = name_with(checkpoint, sign.part);
    if (name.empty()) continue;
    return {.name = std::string(sign.name),
            .reason = fmt::format("has {}", printable(name)),
            .way_out = std::string(sign.way_out),
            .converted = sign.part == kPacked || sign.part == kObserver};
  }
  return {};
}

}  // namespace tv2onnx
