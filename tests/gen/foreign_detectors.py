#!/usr/bin/env python3
"""Detectors as torch.onnx.export leaves them, and what torchvision finds with the same weights.

    foreign_detectors.py OUT [NAME...]

For each row of VARIANTS: OUT/NAME.onnx, and OUT/NAME.safetensors with torchvision's detections (see
scripts/record_reference.py). Small image sizes keep it quick.
"""
import pathlib
import sys
import warnings

import numpy as np
import torch
import torchvision
from torchvision.models.detection import FasterRCNN, KeypointRCNN, MaskRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.models.detection.faster_rcnn import (FastRCNNConvFCHead, FastRCNNPredictor,
                                                      TwoMLPHead)
from torchvision.models.detection.rpn import RPNHead
from torchvision.ops.feature_pyramid_network import FeaturePyramidNetwork, LastLevelMaxPool

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(pathlib.Path(__file__).resolve().parent)]
import random_detectors as detectors  # noqa: E402
from record_reference import record  # noqa: E402

SIZES = [(100, 100), (150, 200), (240, 181), (320, 427)]
R_CNN = ("boxes", "labels", "scores")
ONE_STAGE = ("boxes", "scores", "labels")


def cases():
    def photo(index, height, width):
        image = detectors.photo(index, height, width).permute(1, 2, 0).numpy()
        return np.rint(image * 255).astype(np.uint8)

    made = {f"{h}x{w}": photo(k, h, w)[None] for k, (h, w) in enumerate(SIZES)}
    made["blank"] = np.zeros((1, 120, 160, 3), np.uint8)
    for count in (2, 3):
        images = [photo(k, 120, 160) for k in range(count)]
        images[-1][:] = 0
        made[f"batch{count}"] = np.stack(images)
    return made


def frozen(model, eps=1e-5):
    """As built from pretrained weights."""
    with torch.no_grad():
        detectors.freeze(model.backbone, eps)
    return model


def export(model, path, names=R_CNN, opset=11, **options):
    axes = {"input": {0: "batch", 2: "height", 3: "width"}}
    axes.update({name: {0: "detections"} for name in names})
    torch.onnx.export(model, detectors.photo(0, 240, 320)[None], str(path), opset_version=opset,
                      input_names=["input"], output_names=list(names), dynamic_axes=axes,
                      **options, **detectors.TRACING)


def small_head(model, classes):
    model.roi_heads.box_head = TwoMLPHead(256 * 49, 64)
    model.roi_heads.box_predictor = FastRCNNPredictor(64, classes)
    return model


def mobile(classes, seed, **keywords):
    torch.manual_seed(seed)
    model = torchvision.models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None, weights_backbone=None, num_classes=classes,
        **{"min_size": 200, "max_size": 320, **keywords})
    return detectors.calibrate(small_head(model, classes), seed)


def own_settings():
    """Every setting differs from the builder's."""
    return mobile(5, 2, min_size=180, max_size=300, image_mean=[0.4, 0.5, 0.45],
                  image_std=[0.3, 0.2, 0.25], rpn_pre_nms_top_n_test=200,
                  rpn_post_nms_top_n_test=90, rpn_nms_thresh=0.6, rpn_score_thresh=0.02,
                  box_score_thresh=0.06, box_nms_thresh=0.3, box_detections_per_img=20,
                  bbox_reg_weights=(8.0, 9.0, 4.0, 6.0))


def own_anchors():
    """As built from pretrained weights, and with anchors of its own."""
    model = mobile(3, 3)
    model.rpn.anchor_generator = AnchorGenerator(((24, 60), (100, 180), (300, 500)),
                                                 ((0.7, 1.4),) * 3)
    model.rpn.head = RPNHead(256, 4)
    frozen(detectors.calibrate(model, 3))
    with torch.no_grad():
        model.roi_heads.box_predictor.cls_score.bias[0] -= 2  # or hardly anything is found
    return model


def pyramid(network, **keywords):
    return resnet_fpn_backbone(backbone_name=network, weights=None, norm_layer=torch.nn.BatchNorm2d,
                               trainable_layers=5, **keywords)


def resnet18():
    torch.manual_seed(4)
    model = FasterRCNN(pyramid("resnet18"), 6, min_size=160, max_size=260)
    return frozen(detectors.calibrate(small_head(model, 6), 4), eps=0.0)


def mask():
    torch.manual_seed(5)
    model = MaskRCNN(pyramid("resnet50"), 4, min_size=160, max_size=260, box_detections_per_img=30)
    return detectors.calibrate(small_head(model, 4), 5)


def keypoint():
    torch.manual_seed(6)
    model = KeypointRCNN(pyramid("resnet18"), 2, num_keypoints=5, min_size=160, max_size=260,
                         box_detections_per_img=20)
    return detectors.calibrate(small_head(model, 2), 6)


def version2():
    """Normalisation in the pyramid, a deeper RPN and convolutions in the box head."""
    torch.manual_seed(7)
    backbone = pyramid("resnet18")
    levels = [64, 128, 256, 512]
    backbone.fpn = FeaturePyramidNetwork(levels, 256, LastLevelMaxPool(), torch.nn.BatchNorm2d)
    head = FastRCNNConvFCHead((256, 7, 7), [64, 64], [96], torch.nn.BatchNorm2d)
    model = FasterRCNN(backbone, None, rpn_head=RPNHead(256, 3, 2), box_head=head,
                       box_predictor=FastRCNNPredictor(96, 5), min_size=160, max_size=260)
    return detectors.calibrate(model, 7)


def dense(arch, **keywords):
    return detectors.build(arch, classes=7, min_size=160, max_size=260, **keywords)


def sized(arch):
    """SSD and SSDlite have a size of their own."""
    return detectors.build(arch, classes=7)


MASKS, KEYPOINTS = R_CNN + ("masks",), R_CNN + ("keypoints", "keypoints_scores")
UNFOLDED = {"do_constant_folding": False, "training": torch.onnx.TrainingMode.PRESERVE}
# name -> builder of the model, names of the outputs, options of export()
VARIANTS = {
    "settings": (own_settings, R_CNN, {"opset": 13}),
    "unfolded": (own_settings, R_CNN, UNFOLDED),
    "frozen": (own_anchors, R_CNN, {"opset": 14}),
    "resnet18": (resnet18, R_CNN, {"opset": 12}),
    "mask": (mask, MASKS, {}),
    "keypoint": (keypoint, KEYPOINTS, {}),
    "version2": (version2, R_CNN, {"opset": 13}),
    "retinanet_v2": (lambda: dense("retinanet_resnet50_fpn_v2"), ONE_STAGE, {}),
    "fcos": (lambda: dense("fcos_resnet50_fpn"), ONE_STAGE, {"opset": 17}),
    "ssd": (lambda: sized("ssd300_vgg16"), ONE_STAGE, {"opset": 15}),
    "ssdlite": (lambda: sized("ssdlite320_mobilenet_v3_large"), ONE_STAGE, {"opset": 12}),
}


def make(name, folder):
    builder, names, options = VARIANTS[name]
    model = builder()
    export(model, folder / f"{name}.onnx", names=names, **options)
    record(model, str(folder / f"{name}.safetensors"), cases=cases(), with_float64=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.set_flush_denormal(True)
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for variant in sys.argv[2:] or VARIANTS:
        make(variant, out)
        print(variant, flush=True)
