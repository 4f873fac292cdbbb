#include "zoo/foreign_signs.h"

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
constexpr std::string_view kTrace = "torch.onnx.export traces such a model in Python";
constexpr std::string_view kStateDict =
    "its state_dict() can be exported: torch.save(model.state_dict(), 'weights.pth')";

constexpr auto kKeys = std::to_array<KeySign>({
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

constexpr auto kPackages = std::to_array<PackageSign>({
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

}  // namespace

std::span<const KeySign> foreign_keys() {
  return kKeys;
}

std::span<const PackageSign> foreign_packages() {
  return kPackages;
}

}  // namespace tv2onnx
