"""A small detector in everything that training frameworks and people put around one, and files that
hold none. Used by tests/scripts/wrapped_detectors_test.py."""
import argparse
import collections
import contextlib
import copy
import datetime
import io
import json
import pathlib
import warnings

import numpy
import torch
import torchvision
from torch import nn
from torchvision.models.detection import FasterRCNN, RetinaNet
from torchvision.models.detection.backbone_utils import mobilenet_backbone
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.rpn import AnchorGenerator
from torchvision.ops import MultiScaleRoIAlign

NAMES = ["__background__", "disk", "box", "ring"]
SIZES, RATIOS = ((32, 64, 128),) * 3, ((0.5, 1.0, 2.0),) * 3
ANCHORS = ["--rpn-anchor-generator.sizes", json.dumps(SIZES),
           "--rpn-anchor-generator.aspect-ratios", json.dumps(RATIOS)]
FLAGS = ["--min-size", "200", "--max-size", "300", *ANCHORS]
STRINGS = {"lr": 0.1, "epochs": 3}


def detector(seed=0):
    torch.manual_seed(seed)
    backbone = mobilenet_backbone(backbone_name="mobilenet_v3_small", weights=None, fpn=True,
                                  trainable_layers=6)
    return FasterRCNN(backbone, rpn_anchor_generator=AnchorGenerator(SIZES, RATIOS),
                      min_size=200, max_size=300,
                      box_head=TwoMLPHead(256 * 49, 8),
                      box_predictor=FastRCNNPredictor(8, len(NAMES))).eval()


def with_masks(model, classes):
    """The state dict of a Mask R-CNN whose masks are of so many classes, whatever the boxes are of."""
    torch.manual_seed(2)
    model = copy.deepcopy(model)
    heads = model.roi_heads
    heads.mask_roi_pool = MultiScaleRoIAlign(["0", "1"], 14, 2)
    heads.mask_head = MaskRCNNHeads(256, (16,) * 4, 1)
    heads.mask_predictor = MaskRCNNPredictor(16, 16, classes)
    return model.state_dict()


def retinanet(classes):
    torch.manual_seed(1)
    backbone = mobilenet_backbone(backbone_name="mobilenet_v3_small", weights=None, fpn=True,
                                  trainable_layers=6)
    return RetinaNet(backbone, classes, min_size=200, max_size=300,
                     anchor_generator=AnchorGenerator(SIZES, RATIOS)).eval()


def large():
    """Weights that fit two builders, the one for 320 pixels and the other."""
    torch.manual_seed(0)
    backbone = mobilenet_backbone(backbone_name="mobilenet_v3_large", weights=None, fpn=True)
    return FasterRCNN(backbone, box_head=TwoMLPHead(256 * 49, 8),
                      rpn_anchor_generator=AnchorGenerator(((32, 64, 128, 256, 512),) * 3, RATIOS),
                      box_predictor=FastRCNNPredictor(8, len(NAMES))).state_dict()


def averaged(model):
    wrapper = torch.optim.swa_utils.AveragedModel(model)
    wrapper.avg_fn = None  # a local function in torch 1.13, which no pickle takes
    return wrapper


def below(prefix, state):
    return collections.OrderedDict((prefix + key, value) for key, value in state.items())


def inside(state, part, wrapper):
    """With a wrapper's name behind a part of the keys: backbone.body -> backbone._orig_mod.body."""
    return {key.replace(part, part + wrapper, 1) if key.startswith(part) else key: value
            for key, value in state.items()}


def merged(*states):
    return collections.OrderedDict(item for state in states for item in state.items())


class Lit(nn.Module):
    """As a LightningModule: the detector is one of its members."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, images):
        return self.model(images)


def lightning(state, **more):
    return dict({"epoch": 4, "global_step": 100, "pytorch-lightning_version": "2.1.0",
                 "state_dict": state, "callbacks": {"best": {"score": torch.tensor(0.5)}},
                 "optimizer_states": [{"state": {}, "param_groups": []}], "lr_schedulers": [],
                 "hyper_parameters": dict(STRINGS, num_classes=len(NAMES))}, **more)


def classifier():
    torch.manual_seed(2)
    return torchvision.models.mobilenet_v3_small(weights=None, num_classes=3).state_dict()


def served(model):
    """Contents whose export is that of the state dict alone."""
    state = model.state_dict()
    other = classifier()
    noise = {"class_weights": torch.ones(4), "map_metric.total": torch.tensor(0.0)}
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9).state_dict()
    averaged = merged(below("module.", state), {"n_averaged": torch.tensor(3)})
    twins = merged(below("model.", state), below("detector.", state))
    wrapped = inside(inside(state, "backbone.", "_orig_mod."), "roi_heads.", "module.")
    compiled_body = inside(state, "backbone.body.", "_orig_mod.")
    fsdp = below("_fsdp_wrapped_module.", inside(state, "backbone.", "_fsdp_wrapped_module."))
    checkpointed = inside(state, "backbone.body.", "_checkpoint_wrapped_module.")
    arrays = {key: value.numpy() for key, value in state.items()}
    return {
        "data_parallel": {"epoch": 2, "model_state_dict": below("module.", state),
                          "optimizer_state_dict": optimizer, "val_map": [numpy.float32(0.2)]},
        "compiled": below("_orig_mod.", state),
        "compiled_data_parallel": {"model": below("_orig_mod.module.", state)},
        "data_parallel_compiled": {"model": below("module._orig_mod.", state)},
        "compiled_backbone": {"model": compiled_body},
        "two_wrappers_inside": below("model.", wrapped),
        "fully_sharded": fsdp,
        "activation_checkpoints": below("module.", checkpointed),
        "fabric": {"model": below("_forward_module.module.", state)},
        "reference_script_with_average": {"model": state, "model_ema": averaged, "epoch": 3,
                                          "lr_scheduler": {"last_epoch": 3}, "args": None},
        "lightning": lightning(below("model.", state)),
        "lightning_with_metrics": lightning(merged(below("model.", state), noise)),
        "lightning_detector": lightning(below("detector.", state)),
        "lightning_deep": lightning(below("faster_rcnn.model.", state)),
        "lightning_of_a_wrapper": lightning(merged(below("model.detector.module.", state), noise)),
        "one_module_of_two_names": lightning(twins),
        "backbone_is_its_name": lightning(below("backbone.", state)),
        "network": {"net": below("net.", state)},
        "only_an_average": merged(below("ema_model.", state), {"initted": torch.tensor([True]),
                                                               "step": torch.tensor([7])}),
        "peft": below("base_model.model.", state),
        "deepspeed": {"module": state, "ds_config": STRINGS, "global_steps": 10},
        "fastai": {"model": state, "opt": {"state": [], "hypers": [{"lr": 0.1}]}},
        "gan": {"generator": other, "discriminator": other, "detector": state},
        "classifier_in_the_usual_place": {"model": other, "detector_weights": state},
        "classifier_beside_it": lightning(merged(below("classifier.", other),
                                                 below("detector.", state))),
        "list": [state], "tuple": (state, STRINGS), "list_with_classifier": [other, state],
        "items": list(state.items()), "numpy": arrays, "numpy_in_dict": {"params": arrays},
        "parameters": {key: nn.Parameter(value) if value.is_floating_point() else value
                       for key, value in state.items()},
        "odds_and_ends": {"model_state_dict": state, "best": numpy.float64(0.5),
                          "history": collections.defaultdict(list, {"loss": [1.0]}),
                          "date": datetime.datetime(2024, 1, 2), "set": {1, 2},
                          "path": pathlib.PurePosixPath("runs/1"), "rng": torch.get_rng_state(),
                          "numpy_rng": numpy.random.get_state()},
    }


def served_modules(model):
    """Whole modules, which state their settings."""
    wrapped = detector()
    wrapped.backbone = nn.DataParallel(wrapped.backbone)
    return {"module": model, "data_parallel_module": nn.DataParallel(model),
            "averaged_module": averaged(model),
            "wrapper_inside_module": wrapped,
            "module_in_trainer": argparse.Namespace(learner={"model": model}, epoch=1),
            "bound_method": model.state_dict, "bound_method_in_dict": {"model": model.state_dict},
            "bound_forward": {"epoch": 1, "fn": model.forward}}


def save_archives(model, folder):
    """Archives of torch.jit.save: scripted, which states its settings, and traced, which not."""
    class Flat(nn.Module):
        def __init__(self):
            super().__init__()
            self.detector = model

        def forward(self, image):
            found = self.detector([image[0]])[0]
            return found["boxes"], found["labels"], found["scores"]

    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.jit.script(model).save(str(folder / "scripted.pt"))
        torch.jit.trace(Flat().eval(), torch.rand(1, 3, 200, 200), check_trace=False).save(
            str(folder / "traced.pt"))
        frozen = torch.jit.freeze(torch.jit.script(nn.Sequential(nn.Conv2d(3, 4, 3)).eval()))
        frozen.save(str(folder / "frozen.pt"))


def several(model):
    """Contents with two detectors, and where the one of `model` is."""
    state = model.state_dict()
    second = detector(5).state_dict()
    return {
        "student_and_teacher": (merged(below("student.", state), below("teacher.", second)),
                                "student."),
        "online_and_average": (merged(below("ema_model.", state), below("online_model.", second)),
                               "ema_model"),
        "in_a_dict": ({"student": second, "teacher": state}, "teacher"),
        "in_a_list": ([second, state], "1"),
        "in_lightning": (lightning(merged(below("model.", state), below("ema.module.", second))),
                         "model."),
        "at_the_top": (merged(state, below("teacher.", second)), "."),
    }


def incomplete(model):
    """State dicts of which parts are missing, and what the error says of them."""
    state = model.state_dict()
    without = lambda *parts: {key: value for key, value in state.items()
                              if not any(part in key for part in parts)}
    return {
        "no_buffers": (without("running_", "num_batches"), "no running statistics"),
        "no_box_predictor": (without("box_predictor"), "lacks the box predictor"),
        "no_backbone": (without("backbone."), "lacks the backbone"),
        "no_heads": (without("rpn.", "roi_heads."), "lacks all heads"),
        "weight_norm": (normalised().state_dict(), "remove_weight_norm"),
        "only_rpn_missing": (without("rpn."), "rpn.head"),
        "parameters": ([value for value in state.values()], "tensors without names"),
    }


def normalised():
    model = detector()
    nn.utils.weight_norm(model.roi_heads.box_head.fc6)
    return model


def quantised():
    model = detector()
    dynamic = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)
    aware = detector()
    aware.backbone.qconfig = torch.ao.quantization.get_default_qat_qconfig("fbgemm")
    aware.backbone.train()
    torch.ao.quantization.prepare_qat(aware.backbone, inplace=True)
    return {"dynamic": (dynamic.state_dict(), "a quantised model"),
            "aware": (aware.eval().state_dict(), "prepared for quantisation")}


# A few keys of models of other projects, as their checkpoints have them.
FOREIGN = {
    "detectron2": ["backbone.bottom_up.res2.0.conv1.weight",
                   "proposal_generator.rpn_head.conv.weight", "roi_heads.box_predictor.cls_score.weight"],
    "mmdetection": ["backbone.conv1.weight", "neck.lateral_convs.0.conv.weight",
                    "rpn_head.rpn_conv.weight", "roi_head.bbox_head.fc_cls.weight"],
    "one-stage detector of mmdetection": ["backbone.conv1.weight", "neck.fpn_convs.0.conv.weight",
                                          "bbox_head.retina_cls.weight"],
    "ultralytics": ["model.0.conv.weight", "model.1.conv.weight", "model.2.cv1.conv.weight",
                    "model.22.dfl.conv.weight"],
    "DETR": ["transformer.encoder.layers.0.linear1.weight", "class_embed.weight",
             "bbox_embed.layers.0.weight", "query_embed.weight",
             "backbone.0.body.conv1.weight"],
    "transformers": ["model.backbone.conv_encoder.model.conv1.weight",
                     "class_labels_classifier.weight", "bbox_predictor.layers.0.weight"],
    "ssd.pytorch": ["vgg.0.weight", "extras.0.weight", "loc.0.weight", "conf.0.weight"],
    "jetson-inference": ["base_net.0.0.weight", "classification_headers.0.weight",
                         "regression_headers.0.weight"],
    "segmentation_models": ["encoder.conv1.weight", "decoder.blocks.0.conv1.0.weight",
                            "segmentation_head.0.weight"],
    "timm": ["conv_stem.weight", "blocks.0.0.conv_dw.weight", "classifier.weight"],
    "ViT of timm": ["patch_embed.proj.weight", "blocks.0.attn.qkv.weight", "head.weight"],
    "maskrcnn-benchmark": ["module.backbone.body.stem.conv1.weight", "module.rpn.head.conv.weight",
                           "module.roi_heads.box.feature_extractor.fc6.weight"],
    "YOLOX": ["backbone.backbone.dark2.0.conv.weight", "head.cls_preds.0.weight"],
    "EfficientDet": ["backbone_net.model._conv_stem.conv.weight",
                     "bifpn.0.conv6_up.depthwise_conv.conv.weight"],
    "LRASPP": ["backbone.0.0.weight", "classifier.low_classifier.weight"],
    "U-Net": ["inc.double_conv.0.weight", "down1.maxpool_conv.1.double_conv.0.weight",
              "outc.conv.weight"],
    "CenterNet": ["base.base_layer.0.weight", "hm.0.weight", "wh.0.weight", "reg.0.weight"],
    "FCOS or RetinaNet of maskrcnn-benchmark": ["backbone.body.stem.conv1.weight", "rpn.head.cls_tower.0.weight",
                                   "rpn.head.cls_logits.weight"],
    "MaskFormer of detectron2": ["backbone.patch_embed.proj.weight",
                                 "sem_seg_head.pixel_decoder.mask_features.weight",
                                 "sem_seg_head.predictor.class_embed.weight"],
    "segmenter of mmdetection": ["backbone.conv1.weight", "neck.lateral_convs.0.conv.weight",
                                 "mask_head.mask_convs.0.conv.weight"],
    "mmsegmentation": ["backbone.stem.0.weight", "decode_head.conv_seg.weight"],
    "mmpose": ["backbone.conv1.weight", "keypoint_head.final_layer.weight"],
    "YOLO-NAS": ["backbone.stem.conv.branch_3x3.conv.weight", "heads.head1.cls_pred.weight"],
    "YOLOv6": ["backbone.stem.block.conv.weight", "detect.cls_preds.0.weight",
               "detect.reg_preds.0.weight"],
    "YOLOv3 model of ultralytics": ["module_list.0.Conv2d.weight",
                                    "module_list.0.BatchNorm2d.weight"],
    "pytorch-YOLOv4": ["down1.conv1.conv.0.weight", "down5.conv1.conv.0.weight",
                       "neck.conv1.conv.0.weight", "head.conv1.conv.0.weight"],
    "Darknet model of pytorch-YOLOv4": ["models.0.conv1.weight", "models.0.bn1.weight",
                                        "models.36.conv21.weight"],
    "YOLOS of Hugging Face": ["vit.embeddings.patch_embeddings.projection.weight",
                              "vit.encoder.layer.0.attention.attention.query.weight",
                              "class_labels_classifier.layers.0.weight"],
    "Deformable DETR of Hugging Face": ["model.backbone.conv_encoder.model.conv1.weight",
                                        "bbox_embed.0.layers.0.weight", "class_embed.0.weight"],
    "RT-DETR of Hugging Face": ["model.backbone.model.embedder.embedder.0.convolution.weight",
                                "model.encoder_input_proj.0.0.weight",
                                "model.decoder.class_embed.0.weight"],
    "DETA, a DETR of Hugging Face": ["model.backbone.model.embedder.embedder.convolution.weight",
                                     "model.decoder.class_embed.0.weight",
                                     "bbox_embed.2.layers.0.weight"],
    "RT-DETR of ultralytics": ["model.0.stem1.conv.weight", "model.28.dec_score_head.0.weight"],
    "ResNet, an RT-DETR of ultralytics": ["model.0.layer.0.conv.weight",
                                          "model.17.dec_score_head.0.weight"],
    "Grounding DINO": ["model.text_backbone.embeddings.word_embeddings.weight",
                       "model.backbone.conv_encoder.x.weight", "bbox_embed.0.layers.0.weight"],
    "OWL-ViT": ["owlvit.vision_model.post_layernorm.weight", "class_head.dense0.weight",
                "box_head.dense0.weight"],
    "MaskFormer of Hugging Face": ["model.pixel_level_module.encoder.x.weight",
                                   "class_predictor.weight"],
    "SegFormer": ["segformer.encoder.patch_embeddings.0.proj.weight",
                  "decode_head.linear_c.0.proj.weight"],
    "lufficc/SSD": ["backbone.vgg.0.weight", "box_head.predictor.cls_headers.0.weight"],
    "simple-faster-rcnn": ["extractor.0.weight", "rpn.conv1.weight", "head.cls_loc.weight"],
    "pytorch-mask-rcnn": ["fpn.C1.0.weight", "rpn.conv_shared.weight",
                          "classifier.linear_class.weight"],
    "YOLACT": ["backbone.layers.0.0.conv1.weight", "proto_net.0.weight",
               "prediction_layers.0.bbox_layer.weight"],
    "MTCNN": ["pnet.conv1.weight", "rnet.conv1.weight", "onet.conv1.weight"],
    "EfficientDet of effdet": ["backbone.conv_stem.weight", "backbone.blocks.0.0.conv_dw.weight",
                               "fpn.cell.0.fnode.0.combine.edge_weights",
                               "class_net.predict.conv_pw.weight", "box_net.predict.conv_pw.weight"],
    "SAM 2": ["image_encoder.trunk.patch_embed.proj.weight", "sam_mask_decoder.iou_token.weight"],
    "Segment Anything model of Hugging Face": ["vision_encoder.pos_embed",
                                               "mask_decoder.iou_token.weight",
                                               "prompt_encoder.no_mask_embed.weight"],
    "CLIP of Hugging Face": ["vision_model.embeddings.class_embedding",
                             "text_model.final_layer_norm.weight"],
    "ResNet of timm": ["conv1.0.weight", "conv1.6.weight", "layer1.0.conv1.weight", "fc.weight"],
    "VGG of timm": ["features.0.weight", "pre_logits.fc1.weight", "head.fc.weight"],
    "RegNet of timm": ["stem.conv.weight", "s1.b1.conv1.conv.weight"],
    "mixer, a model of timm": ["stem.proj.weight", "blocks.0.mlp_tokens.fc1.weight"],
    "HRNet": ["conv1.weight", "stage2.0.branches.0.0.conv1.weight"],
    "ResNet, a vision model of Hugging Face": ["resnet.embedder.embedder.convolution.weight",
                                               "resnet.encoder.stages.0.layers.0.layer.0.convolution.weight"],
    "ConvNeXT, a vision model of Hugging Face": ["convnext.embeddings.patch_embeddings.weight",
                                                 "convnext.encoder.stages.0.layers.0.dwconv.weight"],
    "FSDP": ["_fsdp_wrapped_module._flat_param", "_fsdp_wrapped_module.backbone._flat_param"],
    "YOLOv3-tiny, a YOLO model of ultralytics": ["model.0.conv.weight", "model.2.conv.weight",
                                                 "model.20.anchors", "model.20.m.0.weight"],
    "YOLOv3-tiny of 2021, a YOLO model of ultralytics": ["model.0.conv.weight", "model.2.conv.weight",
                                                         "model.20.anchors", "model.20.anchor_grid",
                                                         "model.20.m.0.weight"],
    "tiny to use, a YOLOv7 model": ["model.0.conv.weight", "model.1.conv.weight", "model.2.conv.weight",
                                    "model.77.anchors", "model.77.anchor_grid", "model.77.m.0.weight"],
    "W6, a YOLOv7 model": ["model.1.conv.weight", "model.2.conv.weight", "model.122.anchor_grid",
                           "model.122.m.0.weight", "model.122.ia.0.implicit"],
    "YOLOR, a YOLOv7 model": ["model.1.conv.weight", "model.3.cv1.conv.weight",
                              "model.203.m.0.weight", "model.203.im.0.implicit"],
    "CSP, a YOLOv7 or Scaled-YOLOv4": ["model.0.conv.weight", "model.1.conv.weight",
                                       "model.2.cv1.conv.weight", "model.11.cv7.conv.weight",
                                       "model.144.anchor_grid", "model.144.m.0.weight"],
    "YOLOv5 of 2020, a YOLO model of ultralytics": ["model.0.conv.conv.weight", "model.1.conv.weight",
                                                    "model.24.anchors", "model.24.m.0.weight"],
    "two-stage detector of mmdetection 1": ["backbone.conv1.weight", "neck.lateral_convs.0.conv.weight",
                                            "rpn_head.rpn_conv.weight", "bbox_head.fc_cls.weight"],
    "hourglass, a CenterNet": ["pre.0.conv.weight", "kps.0.up1.0.conv1.weight", "hm.0.1.weight",
                               "wh.0.1.weight", "reg.0.1.weight"],
    "first network of an MTCNN": ["conv1.weight", "prelu1.weight", "conv4_1.weight", "conv4_2.weight"],
    "second network of an MTCNN": ["conv1.weight", "prelu1.weight", "dense4.weight",
                                   "dense5_1.weight", "dense5_2.weight"],
    "third network of an MTCNN": ["conv1.weight", "prelu1.weight", "dense5.weight",
                                  "dense6_1.weight", "dense6_2.weight", "dense6_3.weight"],
    "facenet-pytorch": ["conv2d_1a.conv.weight", "repeat_1.0.branch0.conv.weight",
                        "last_linear.weight", "last_bn.weight", "logits.weight"],
    "Swin of timm": ["patch_embed.proj.weight", "layers.0.blocks.0.attn.qkv.weight",
                     "layers.0.blocks.0.attn.relative_position_bias_table", "head.fc.weight"],
    "BEiT, a ViT of timm": ["patch_embed.proj.weight", "blocks.0.attn.qkv.weight",
                            "blocks.0.attn.relative_position_bias_table"],
    "EVA, a ViT of timm": ["patch_embed.proj.weight", "blocks.0.attn.q_proj.weight"],
    "MViT, a model of timm": ["patch_embed.proj.weight", "stages.0.blocks.0.attn.qkv.weight"],
    "Twins, a model of timm": ["patch_embeds.0.proj.weight", "blocks.0.0.attn.qkv.weight"],
    "CrossViT, a model of timm": ["patch_embed.0.proj.weight", "blocks.0.blocks.0.0.norm1.weight"],
    "XCiT, a model of timm": ["patch_embed.proj.0.0.weight", "blocks.0.attn.qkv.weight"],
    "PiT, a model of timm": ["patch_embed.conv.weight", "transformers.0.blocks.0.norm1.weight"],
    "VOLO, a model of timm": ["patch_embed.conv.0.weight", "network.0.0.norm1.weight"],
    "TNT, a model of timm": ["pixel_embed.proj.weight", "blocks.0.attn_in.qk.weight"],
    "Visformer, a model of timm": ["patch_embed1.proj.weight", "stage1.0.norm2.weight"],
    "CoAtNet, a model of timm": ["stem.conv1.weight", "stages.0.blocks.0.conv1_1x1.weight"],
    "CSPNet, a model of timm": ["stem.conv1.conv.weight", "stages.0.conv_down.conv.weight"],
    "MobileViT, a model of timm": ["stem.conv.weight", "stages.0.0.conv1_1x1.conv.weight"],
    "LeViT, a model of timm": ["stem.conv1.linear.weight", "stages.0.blocks.0.attn.qkv.linear.weight"],
    "RepVGG, a model of timm": ["stem.conv_kxk.conv.weight", "stages.0.0.conv_kxk.conv.weight"],
    "FastViT, a model of timm": ["stem.0.conv_kxk.0.conv.weight", "stages.0.blocks.0.x.weight"],
    "VoVNet, a model of timm": ["stem.0.conv.weight", "stages.0.blocks.0.conv_mid.0.conv.weight"],
    "Xception, a model of timm": ["stem.0.conv.weight", "blocks.0.stack.conv1.conv_dw.weight"],
    "ReXNet, a model of timm": ["stem.conv.weight", "features.0.conv_dw.conv.weight"],
    "SelecSLS, a model of timm": ["stem.0.weight", "features.0.conv1.0.weight", "fc.weight"],
    "TResNet, a model of timm": ["body.conv1.conv.weight", "body.layer1.0.se.fc1.weight"],
    "Inception-ResNet, a model of timm": ["conv2d_1a.conv.weight", "classif.weight"],
    "Inception v4, a model of timm": ["features.0.conv.weight", "last_linear.weight"],
    "DPN, a model of timm": ["features.conv1_1.conv.weight", "features.conv2_1.c1x1_c.conv.weight",
                             "classifier.weight"],
    "CoaT, a model of timm": [
        "patch_embed1.proj.weight", "serial_blocks1.0.norm1.weight", "head.weight"],
    "ConViT, a model of timm": [
        "patch_embed.proj.weight", "blocks.0.attn.qk.weight", "head.weight"],
    "ConvMixer, a model of timm": ["stem.0.weight", "blocks.0.0.fn.0.weight", "head.weight"],
    "StarNet, a model of timm": [
        "stem.0.conv.weight", "stages.0.0.dwconv.conv.weight", "head.weight"],
    "EfficientViT, a model of timm": [
        "stem.in_conv.conv.weight", "stages.0.blocks.0.main.depth_conv.conv.weight"],
    "TinyViT, a model of timm": [
        "patch_embed.conv1.conv.weight", "stages.0.blocks.0.conv1.conv.weight", "head.fc.weight"],
    "SE-ResNet, a ResNet of timm": [
        "layer0.conv1.weight", "layer1.0.conv1.weight", "layer1.0.se_module.fc1.weight",
        "last_linear.weight"],
    "SK-ResNet, a ResNet of timm": [
        "conv1.weight", "layer1.0.conv1.paths.0.conv.weight", "fc.weight"],
    "aligned, an Xception of timm": [
        "conv1.weight", "block1.rep.0.conv1.weight", "block12.rep.1.pointwise.weight", "fc.weight"],
    "MobileNetV5, a model of timm": [
        "conv_stem.conv.weight", "blocks.0.0.conv_exp.weight", "classifier.weight"],
    "MobileOne, a model of timm": [
        "stem.conv_kxk.0.conv.weight", "stages.0.0.conv_kxk.0.conv.weight", "head.fc.weight"],
    "NaFlexViT, a model of timm": ["embeds.proj.weight", "blocks.0.attn.qkv.weight", "head.weight"],
    "NASNet, a model of timm": [
        "conv0.conv.weight", "cell_stem_0.conv_1x1.conv.weight", "last_linear.weight"],
    "NesT, a model of timm": [
        "patch_embed.proj.weight", "levels.0.transformer_encoder.0.attn.qkv.weight", "head.weight"],
    "RDNet, a model of timm": [
        "stem.0.weight", "dense_stages.0.0.dense_block0.layers.layers.0.weight", "head.fc.weight"],
    "RepViT, a model of timm": [
        "stem.conv1.c.weight", "stages.0.blocks.0.channel_mixer.conv1.c.weight"],
    "SHViT, a model of timm": [
        "patch_embed.0.c.weight", "stages.0.blocks.0.ffn.m.pw1.c.weight", "head.l.weight"],
    "DLA": ["base_layer.0.weight", "level3.tree1.tree1.conv1.weight", "fc.weight"],
    "BiT, a vision model of Hugging Face": ["bit.embedder.convolution.weight",
                                            "bit.encoder.stages.0.layers.0.conv1.weight"],
    "CvT, a vision model of Hugging Face": [
        "cvt.encoder.stages.0.embedding.convolution_embeddings.projection.weight"],
    "VAN, a vision model of Hugging Face": ["van.encoder.stages.0.embeddings.convolution.weight"],
    "EfficientFormer, a vision model of Hugging Face": [
        "efficientformer.patch_embed.batchnorm_before.weight",
        "efficientformer.encoder.last_stage.meta3D_layers.blocks.0.mlp.linear_out.weight"],
    "EfficientNet, a vision model of Hugging Face": [
        "efficientnet.embeddings.convolution.weight",
        "efficientnet.encoder.blocks.0.depthwise_conv.depthwise_conv.weight", "classifier.weight"],
    "SegFormer classifier, a vision model of Hugging Face": [
        "segformer.encoder.patch_embeddings.0.proj.weight",
        "segformer.encoder.block.0.0.layer_norm_1.weight", "classifier.weight"],
    "LeViT, a vision model of Hugging Face": [
        "levit.patch_embeddings.embedding_layer_1.convolution.weight", "classifier.linear.weight"],
    "MobileNetV1, a vision model of Hugging Face": [
        "mobilenet_v1.conv_stem.convolution.weight", "mobilenet_v1.conv_stem.normalization.weight",
        "classifier.weight"],
    "MobileNetV2, a vision model of Hugging Face": [
        "mobilenet_v2.conv_stem.first_conv.convolution.weight", "classifier.weight"],
    "UPerNet of Hugging Face": ["backbone.encoder.stages.0.layers.0.layer.0.convolution.weight",
                                "decode_head.classifier.weight"],
    "Swin, a vision model of Hugging Face": ["swin.embeddings.patch_embeddings.projection.weight",
                                             "swin.encoder.layers.0.blocks.0.output.dense.weight"],
    "pytorch-retinanet": ["conv1.weight", "fpn.P5_1.weight", "classificationModel.conv1.weight",
                          "regressionModel.conv1.weight"],
}
