#include "zoo/foreign_signs.h"

namespace tv2onnx {
namespace {

constexpr std::string_view kDetectron2 =
    "detectron2 exports its models itself: tools/deploy/export_model.py";
constexpr std::string_view kMmdetection = "mmdeploy exports models of mmdetection: tools/deploy.py";
constexpr std::string_view kOpenMmlab = "mmdeploy exports models of OpenMMLab: tools/deploy.py";
constexpr std::string_view kUltralytics =
    "ultralytics exports it: yolo export model=FILE "
    "format=onnx; YOLOv3 and YOLOv5 have an export.py";
constexpr std::string_view kTransformers =
    "Hugging Face optimum exports it: optimum-cli export onnx --model FOLDER OUT";
constexpr std::string_view kTimm = "onnx_export.py of timm's repository exports it";
constexpr std::string_view kFullState = "save a full state dict: StateDictType.FULL_STATE_DICT";
constexpr std::string_view kPlainWeights =
    "make plain weights of each such module in Python, then save the state_dict(): "
    "torch.nn.utils.parametrize.remove_parametrizations(module, 'weight'), remove_weight_norm, "
    "remove_spectral_norm, or prune.remove";
constexpr std::string_view kTrace = "torch.onnx.export traces such a model in Python";
constexpr std::string_view kStateDict =
    "its state_dict() can be exported: torch.save(model.state_dict(), 'weights.pth')";

/// Of models of any project, torchvision's too.
constexpr auto kComputed = std::to_array<ForeignSign>({
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
constexpr auto kSigns = std::to_array<ForeignSign>({
    {{"backbone.bottom_up."}, "a detector of detectron2", kDetectron2},
    {{"proposal_generator.rpn_head."}, "a detector of detectron2", kDetectron2},
    {{"roi_heads.box.feature_extractor."}, "a detector of maskrcnn-benchmark", kTrace},
    {{"rpn.head.cls_tower."}, "an FCOS or RetinaNet of maskrcnn-benchmark", kTrace},
    {{"sem_seg_head.pixel_decoder.", "sem_seg_head.predictor."},
     "a MaskFormer of detectron2",
     kDetectron2},
    {{"roi_head.bbox_head.", "rpn_head."}, "a two-stage detector of mmdetection", kMmdetection},
    {{"backbone.", "bbox_head.fc_cls.", "rpn_head."},
     "a two-stage detector of mmdetection 1",
     kMmdetection},
    {{"backbone.", "neck.", "bbox_head."}, "a one-stage detector of mmdetection", kMmdetection},
    {{"backbone.", "bbox_head."}, "a one-stage detector of mmdetection", kMmdetection},
    {{"backbone.", "neck.", "mask_head."}, "a segmenter of mmdetection", kMmdetection},
    {{"backbone.", "panoptic_head."}, "a segmenter of mmdetection", kMmdetection},
    {{"segformer.encoder.", "decode_head."},
     "a SegFormer of Hugging Face transformers",
     kTransformers},
    {{"backbone.", "decode_head."}, "a model of mmsegmentation", kOpenMmlab},
    {{"backbone.", "keypoint_head.final_layer."}, "a model of mmpose", kOpenMmlab},
    {{"backbone.stem.", "heads.head1."},
     "a YOLO-NAS of super-gradients",
     "model.export('model.onnx') of super-gradients exports it"},
    {{"detect.cls_preds.", "detect.reg_preds."},
     "a YOLOv6",
     "deploy/ONNX/export_onnx.py of that project exports it"},
    {{"backbone.backbone.dark2.", "head.cls_preds."},
     "a YOLOX model",
     "tools/export_onnx.py of that project exports it"},
    {{"0.conv.weight", "1.conv.weight", "2.cv1.conv.weight"},
     "a YOLO model of ultralytics",
     kUltralytics},
    {{"dfl.conv.weight"}, "a YOLO model of ultralytics", kUltralytics},
    {{"0.conv.weight", "implicit"}, "a YOLOv7 model", "export.py of that project exports it"},
    {{"0.conv.weight", "m.0.weight", "anchor_grid"},
     "a YOLOv7 model",
     "export.py of that project exports it"},
    {{"1.conv.weight", "m.0.weight", "anchors"}, "a YOLO model of ultralytics", kUltralytics},
    {{"0.conv.weight", "m.0.weight", "anchors"}, "a YOLO model of ultralytics", kUltralytics},
    {{"module_list.0.conv_0.weight"}, "a YOLOv3 model of PyTorch-YOLOv3", kTrace},
    {{"module_list.0.Conv2d.weight"}, "a YOLOv3 model of ultralytics, of 2020 or older", kTrace},
    {{"down1.conv1.conv.0.weight", "down5."},
     "a YOLOv4 model of pytorch-YOLOv4",
     "demo_pytorch2onnx.py of that project exports it"},
    {{"models.0.conv1.weight", "models.0.bn1.weight"},
     "a Darknet model of pytorch-YOLOv4",
     "demo_darknet2onnx.py of that project exports it"},
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
    {{"transformer.", "class_embed.", "bbox_embed."}, "a DETR", kTrace},
    {{"0.stem1.conv.weight", "dec_score_head."}, "an RT-DETR of ultralytics", kUltralytics},
    {{"dec_score_head."}, "an RT-DETR", "tools/export_onnx.py of that project exports it"},
    {{"vgg.0.weight", "loc.0.weight", "conf.0.weight"}, "an SSD of ssd.pytorch", kTrace},
    {{"base_net.", "classification_headers.", "regression_headers."},
     "an SSD of pytorch-ssd, which jetson-inference trains",
     "onnx_export.py of jetson-inference's pytorch-ssd exports it; the Ultra-Light face detectors "
     "have convert_to_onnx.py"},
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
    {{"BboxHead.0.", "ClassHead.0."},
     "a RetinaFace",
     "convert_to_onnx.py of that project exports it"},
    {{"pnet.conv1.", "rnet.conv1."}, "an MTCNN", kTrace},
    {{"prelu1.weight", "conv4_1.weight", "conv4_2.weight"},
     "the first network of an MTCNN",
     kTrace},
    {{"prelu1.weight", "dense5_1.weight", "dense5_2.weight"},
     "the second network of an MTCNN",
     kTrace},
    {{"prelu1.weight", "dense6_1.weight", "dense6_3.weight"},
     "the third network of an MTCNN",
     kTrace},
    {{"conv2d_1a.conv.weight", "last_bn.weight"}, "a face network of facenet-pytorch", kTrace},
    {{"bifpn."}, "an EfficientDet", kTrace},
    {{"class_net.", "box_net.", "fpn.cell."}, "an EfficientDet of effdet", kTrace},
    {{"segmentation_head.0.weight", "decoder.", "encoder."},
     "a model of segmentation_models_pytorch",
     kTrace},
    {{"classifier.low_classifier.weight", "backbone."}, "an LRASPP of torchvision", kTrace},
    {{"inc.double_conv.0.weight", "outc.conv.weight"}, "a U-Net of Pytorch-UNet", kTrace},
    {{"hm.0.weight", "wh.0.weight", "reg.0.weight"}, "a CenterNet", kTrace},
    {{"hm.0.1.weight", "wh.0.1.weight", "reg.0.1.weight"}, "a CenterNet", kTrace},
    {{"image_encoder.blocks.0.", "mask_decoder.", "prompt_encoder."},
     "a Segment Anything model",
     "scripts/export_onnx_model.py of segment-anything exports it"},
    {{"image_encoder.trunk.", "sam_mask_decoder."}, "a SAM 2", kTrace},
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
    {{"patch_embed.proj.weight", "layers.0.blocks.0.attn.qkv.weight"}, "a Swin of timm", kTimm},
    {{"patch_embed.proj.weight", "stages.0.blocks.0."}, "a model of timm", kTimm},
    {{"patch_embed.proj.weight", "blocks.0.attn.qkv.weight"}, "a ViT of timm", kTimm},
    {{"patch_embed.proj.weight", "blocks.0.attn.q_proj.weight"}, "a ViT of timm", kTimm},
    {{"patch_embeds.0.proj.weight", "blocks.0."}, "a model of timm", kTimm},
    {{"patch_embed.0.proj.weight", "blocks.0.blocks.0.0."}, "a model of timm", kTimm},
    {{"patch_embed.proj.0.0.weight", "blocks.0.attn."}, "a model of timm", kTimm},
    {{"patch_embed.conv.weight", "transformers.0.blocks."}, "a model of timm", kTimm},
    {{"patch_embed.conv.0.weight", "network.0.0."}, "a model of timm", kTimm},
    {{"pixel_embed.proj.weight", "blocks.0.attn_in."}, "a model of timm", kTimm},
    {{"patch_embed1.proj.weight", "stage1.0."}, "a model of timm", kTimm},
    {{"conv_stem.weight", "blocks.0."}, "a model of timm", kTimm},
    {{"conv1.6.weight", "layer1.0."}, "a ResNet of timm", kTimm},
    {{"body.conv1.conv.weight", "body.layer1.0."}, "a model of timm", kTimm},
    {{"layer1.0.se.fc1.weight"}, "a ResNet of timm", kTimm},
    {{"layer1.0.se.conv.weight"}, "a ResNet of timm", kTimm},
    {{"layer1.0.convs.0.weight"}, "a Res2Net", kTimm},
    {{"pre_logits.fc1.weight"}, "a VGG of timm", kTimm},
    {{"stem.conv.weight", "s1.b1."}, "a RegNet of timm", kTimm},
    {{"stem.proj.weight", "blocks.0."}, "a model of timm", kTimm},
    {{"stage2.0.branches."}, "an HRNet", kTrace},
    {{"stem.0.weight", "stages.0.blocks.0."}, "a model of timm", kTimm},
    {{"stem.0.weight", "features.0.conv1.0."}, "a model of timm", kTimm},
    {{"stem.0.conv.weight", "stages.0.blocks.0."}, "a model of timm", kTimm},
    {{"stem.0.conv.weight", "blocks.0.stack."}, "a model of timm", kTimm},
    {{"stem.0.conv_kxk.0.conv.weight"}, "a model of timm", kTimm},
    {{"stem.conv_kxk.conv.weight", "stages.0."}, "a model of timm", kTimm},
    {{"stem.conv.weight", "stages.0."}, "a model of timm", kTimm},
    {{"stem.conv.weight", "features.0.conv_dw."}, "a model of timm", kTimm},
    {{"stem.conv1.weight", "stages.0."}, "a model of timm", kTimm},
    {{"stem.conv1.conv.weight", "stages.0."}, "a model of timm", kTimm},
    {{"stem.conv1.linear.weight", "stages.0."}, "a model of timm", kTimm},
    {{"base_layer.0.weight", "level3.tree1."}, "a DLA", kTimm},
    {{"conv2d_1a.conv.weight", "classif.weight"}, "a model of timm", kTimm},
    {{"features.0.conv.weight", "last_linear.weight"}, "a model of timm", kTimm},
    {{"features.conv1_1.conv.weight", "features.conv2_1."}, "a model of timm", kTimm},
    {{"_conv_stem.weight", "_blocks.0."}, "a model of efficientnet_pytorch", kTrace},
    {{"embeddings.patch_embeddings.", "encoder.layer.0."},
     "a vision model of Hugging Face transformers",
     kTransformers},
    {{"embedder.embedder.", "encoder.stages.0.layers.0."},
     "a vision model of Hugging Face transformers",
     kTransformers},
    {{"embeddings.patch_embeddings.", "encoder.layers.0.blocks.0."},
     "a vision model of Hugging Face transformers",
     kTransformers},
    {{"embeddings.patch_embeddings.", "encoder.stages.0.layers.0."},
     "a vision model of Hugging Face transformers",
     kTransformers},
    {{"embeddings.word_embeddings.", "encoder.layer.0."},
     "a language model of Hugging Face transformers",
     kTransformers},
});

/// By the package that a checkpoint names.
constexpr auto kPackages = std::to_array<ForeignPackage>({
    {"ultralytics.", "a YOLO model of ultralytics", kUltralytics},
    {"models.yolo.", "a YOLO model of ultralytics", kUltralytics},
    {"detectron2.", "a detector of detectron2", kDetectron2},
    {"mmdet.", "a detector of mmdetection", kMmdetection},
    {"mmengine.", "a model of OpenMMLab", kOpenMmlab},
    {"effdet.", "an EfficientDet of effdet", kTrace},
    {"segmentation_models_pytorch.", "a model of segmentation_models_pytorch", kTrace},
    {"timm.", "a model of timm", kTimm},
    {"torch.ao.nn.quantized.", "a whole module that torch has quantised", kStateDict},
    {"torch.nn.quantized.", "a whole module that torch has quantised", kStateDict},
    {"transformers.", "a model of Hugging Face transformers", kTransformers},
});

}  // namespace

std::span<const ForeignSign> computed_weight_signs() {
  return kComputed;
}
std::span<const ForeignSign> foreign_key_signs() {
  return kSigns;
}
std::span<const ForeignPackage> foreign_packages() {
  return kPackages;
}

}  // namespace tv2onnx
