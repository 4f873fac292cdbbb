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

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(pathlib.Path(__file__).resolve().parent)]
import random_detectors as detectors  # noqa: E402
from live_detectors import as_bytes  # noqa: E402
from record_reference import record  # noqa: E402

MOBILE = "fasterrcnn_mobilenet_v3_large_fpn"
SMALL = "fasterrcnn_mobilenet_v3_large_320_fpn"
# Neither torch's float32 product nor its neighbour is a pixel off at these sizes.
SIZES = [(100, 100), (150, 200), (240, 181), (320, 427)]
R_CNN = ("boxes", "labels", "scores")
ONE_STAGE = ("boxes", "scores", "labels")


def cases():
    photo = lambda index, height, width: as_bytes(detectors.photo(index, height, width))
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


def export(model, path, names=R_CNN, opset=11, images=1, dynamic=True, **options):
    axes = {"input": {0: "batch", 2: "height", 3: "width"}}
    axes.update({name: {0: "detections"} for name in names})
    if torch.__version__ >= "2.5":
        options["dynamo"] = False
    batch = torch.stack([detectors.photo(k, 240, 320) for k in range(images)])
    torch.onnx.export(model, batch, str(path), opset_version=opset, input_names=["input"],
                      output_names=[f"{name}{k or ''}" for k in range(images) for name in names],
                      dynamic_axes=axes if dynamic and images == 1 else None, **options)


def export_without_proposals(model, path, **options):
    """Traced while the network proposes nothing; the file then gets the weights back."""
    import onnx
    from onnx import numpy_helper
    bias = model.rpn.head.cls_logits.bias
    kept = bias.detach().clone()
    with torch.no_grad():
        bias.fill_(-2000.0)
    export(model, path, **options)
    with torch.no_grad():
        bias.copy_(kept)
    file = onnx.load(str(path))
    for tensor in file.graph.initializer:
        if tensor.name == "rpn.head.cls_logits.bias":
            tensor.CopyFrom(numpy_helper.from_array(kept.numpy(), tensor.name))
    onnx.save(file, str(path))


def mobile(**keywords):
    settings = {"classes": 7, "min_size": 200, "max_size": 320}
    return detectors.build(SMALL, **{**settings, **keywords})


def own_settings():
    return mobile(classes=5, seed=2, min_size=180, max_size=300, image_mean=[0.4, 0.5, 0.45],
                  image_std=[0.3, 0.2, 0.25], rpn_pre_nms_top_n_test=200,
                  rpn_post_nms_top_n_test=90, rpn_nms_thresh=0.6, rpn_score_thresh=0.02,
                  box_score_thresh=0.15, box_nms_thresh=0.3, box_detections_per_img=20,
                  bbox_reg_weights=(8.0, 9.0, 4.0, 6.0))


def own_anchors():
    from torchvision.models.detection.anchor_utils import AnchorGenerator
    from torchvision.models.detection.rpn import RPNHead
    model = mobile(classes=3, seed=3)
    model.rpn.anchor_generator = AnchorGenerator(((24, 60), (100, 180), (300, 500)),
                                                 ((0.7, 1.4),) * 3)
    model.rpn.head = RPNHead(256, 4)
    return detectors.calibrate(model, 3)


def build(arch, **keywords):
    settings = {"classes": 7, "min_size": 160, "max_size": 260}
    return detectors.build(arch, **{**settings, **keywords})


def sized(arch, **keywords):
    """SSD and SSDlite have a size of their own."""
    return detectors.build(arch, classes=7, **keywords)


MASKS, KEYPOINTS = R_CNN + ("masks",), R_CNN + ("keypoints", "keypoints_scores")
# name -> builder of the model, names of the outputs, options of export()
VARIANTS = {
    "photo": (mobile, R_CNN, {}),
    "batch2": (mobile, R_CNN, {"images": 2}),
    "static": (mobile, R_CNN, {"dynamic": False}),
    "unfolded": (mobile, R_CNN, {"do_constant_folding": False,
                                 "training": torch.onnx.TrainingMode.PRESERVE}),
    "zero": (mobile, R_CNN, {}),
    "settings": (own_settings, R_CNN, {"opset": 13}),
    "frozen": (lambda: frozen(own_anchors()), R_CNN, {"opset": 14}),
    "resnet": (lambda: build("fasterrcnn_resnet50_fpn"), R_CNN, {"opset": 12}),
    "resnet_frozen": (lambda: frozen(build("fasterrcnn_resnet50_fpn"), 0.0), R_CNN, {}),
    "resnet_v2": (lambda: build("fasterrcnn_resnet50_fpn_v2"), R_CNN, {"opset": 13}),
    "mask": (lambda: build("maskrcnn_resnet50_fpn"), MASKS, {}),
    "keypoint": (lambda: build("keypointrcnn_resnet50_fpn", classes=2), KEYPOINTS, {}),
    "retinanet": (lambda: build("retinanet_resnet50_fpn"), ONE_STAGE, {}),
    "retinanet_v2": (lambda: build("retinanet_resnet50_fpn_v2"), ONE_STAGE, {}),
    "fcos": (lambda: build("fcos_resnet50_fpn"), ONE_STAGE, {"opset": 13}),
    "ssd": (lambda: sized("ssd300_vgg16"), ONE_STAGE, {}),
    "ssdlite": (lambda: sized("ssdlite320_mobilenet_v3_large"), ONE_STAGE, {"opset": 12}),
}


def make(name, folder):
    builder, names, options = VARIANTS[name]
    model = builder()
    write = export_without_proposals if name == "zero" else export
    write(model, folder / f"{name}.onnx", names=names, **options)
    record(model, str(folder / f"{name}.safetensors"), cases=cases(), with_float64=True)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.set_flush_denormal(True)
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for variant in sys.argv[2:] or VARIANTS:
        make(variant, out)
        print(variant, flush=True)
