#!/usr/bin/env python3
"""Makes detectors in the installed torchvision and records what they find.

    live_detectors.py OUT [NAME...]

For each row of VARIANTS: OUT/NAME.pth and OUT/NAME.safetensors (see scripts/record_reference.py),
and for FEATURES also what the backbone gave, so that the rest of a graph can be tested alone. Rows
whose name says "double" run torchvision's transform with the rule of later releases.
"""
import pathlib
import sys

import numpy as np
import torch
import torchvision
from torchvision.models.detection import transform
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import _mobilenet_extractor
from torchvision.models.detection.faster_rcnn import FasterRCNN, FastRCNNPredictor, TwoMLPHead

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(pathlib.Path(__file__).resolve().parent)]
import live_faster_rcnn  # noqa: E402
import random_detectors as detectors  # noqa: E402
from record_reference import as_channels, record, write_safetensors  # noqa: E402

LARGE = "fasterrcnn_mobilenet_v3_large_fpn"
SMALL = "fasterrcnn_mobilenet_v3_large_320_fpn"
SIZES = [(100, 100), (300, 500), (375, 500), (427, 640), (480, 640), (640, 480), (375, 1242),
         (1080, 1920)]
FEW_SIZES = [(100, 100), (375, 500), (427, 640)]


def as_bytes(image):
    return np.rint(image.permute(1, 2, 0).numpy() * 255).astype(np.uint8)


def cases(sizes, batches, channels=3, blank=True):
    """Photos at the sizes, a blank image, noise, and batches of different images."""
    dark = lambda image: image * 0 if blank else image // 16
    photo = lambda index, height, width: as_bytes(detectors.photo(index, height, width))
    made = {f"{h}x{w}": photo(k, h, w)[None] for k, (h, w) in enumerate(sizes)}
    made["blank"] = dark(photo(0, 300, 400))[None]
    made["noise"] = np.random.RandomState(0).randint(0, 256, (1, 320, 320, 3)).astype(np.uint8)
    for count in batches:
        images = [photo(k, 240, 320) for k in range(count)]
        images[-1] = dark(images[-1])  # proposals for some images of a batch, none for another
        made[f"batch{count}"] = np.stack(images)
    return {name: np.stack([as_channels(image, channels) for image in images])
            for name, images in made.items()}


def resize_in_double(image, min_size, max_size, target=None, fixed_size=None):
    """transform._resize_image_and_masks as later releases compute it, for images without masks."""
    height, width = image.shape[-2:]
    if fixed_size is not None:
        size = [fixed_size[1], fixed_size[0]]
    else:
        scale = min(min_size / min(height, width), max_size / max(height, width))
        size = [int(height * scale), int(width * scale)]
    resized = torch.nn.functional.interpolate(image[None], size=size, mode="bilinear",
                                              align_corners=False)
    return resized[0], target


def large():
    return detectors.build(LARGE)


def large_double():
    return detectors.build(LARGE, classes=5, seed=7)


def settings():
    """Every setting of the builder differs from its default."""
    return detectors.build(
        LARGE, classes=6, seed=2, min_size=480, max_size=700, image_mean=[0.4, 0.5, 0.45],
        image_std=[0.3, 0.2, 0.25], rpn_pre_nms_top_n_test=400, rpn_post_nms_top_n_test=120,
        rpn_nms_thresh=0.6, rpn_score_thresh=0.02, box_score_thresh=0.15, box_nms_thresh=0.3,
        box_detections_per_img=20, bbox_reg_weights=(8.0, 9.0, 4.0, 6.0))


def small_module():
    return detectors.build(SMALL, classes=4, seed=3)


def frozen():
    """A fine-tuned model: frozen statistics in the backbone, a predictor of its own."""
    model = detectors.build(LARGE, classes=3, seed=4)
    with torch.no_grad():
        detectors.freeze(model.backbone, 1e-5)
    return model


def assembled():
    """Put together by hand: reduced backbone, own anchors, pooling and heads."""
    torch.manual_seed(5)
    body = torchvision.models.mobilenet_v3_large(weights=None, reduced_tail=True, width_mult=0.75)
    backbone = _mobilenet_extractor(body, True, 6)
    anchors = AnchorGenerator(((24, 60), (100, 180), (300, 500)), ((0.7, 1.4),) * 3)
    pool = torchvision.ops.MultiScaleRoIAlign(["0", "1", "pool"], output_size=5, sampling_ratio=0)
    model = FasterRCNN(backbone, num_classes=None, rpn_anchor_generator=anchors, box_roi_pool=pool,
                       box_head=TwoMLPHead(256 * 25, 96), box_predictor=FastRCNNPredictor(96, 5),
                       min_size=300, max_size=500, rpn_score_thresh=0.05)
    return detectors.calibrate(model, 5)


def no_proposals():
    model = detectors.build(LARGE, classes=3, seed=6, min_size=320)
    with torch.no_grad():
        model.rpn.head.cls_logits.bias.fill_(-2000)
    return model


# name -> builder of the model, whole module or state dict, sizes, batches
VARIANTS = {
    "large": (large, False, SIZES, (2,)),
    "large_double": (large_double, False, SIZES[1:4], ()),
    "settings": (settings, True, FEW_SIZES, (2,)),
    "small_module": (small_module, True, SIZES, (2, 3, 8)),
    "frozen": (frozen, False, FEW_SIZES, (2,)),
    "assembled": (assembled, True, FEW_SIZES, (2,)),
    "no_proposals": (no_proposals, False, [(240, 320)], (2,)),
    **live_faster_rcnn.VARIANTS,
}
FEATURES = {"large", "assembled"}


@torch.no_grad()
def record_features(model, images, path):
    """For each case of one image: the feature maps, the sizes, and what became of them."""
    arrays = {}
    for name, pixels in images.items():
        if len(pixels) > 1:
            continue
        image = torch.from_numpy(pixels[0]).permute(2, 0, 1).float().div(255).contiguous()
        transformed = model.transform([image])[0]
        maps = model.backbone(transformed.tensors)
        for key, feature in maps.items():
            arrays[f"{name}/map.{key}"] = feature.numpy()
        result = model([image])[0]
        for key in ("boxes", "labels", "scores"):
            arrays[f"{name}/{key}"] = result[key].numpy()
        for key, size in (("size", transformed.image_sizes[0]), ("original", image.shape[1:]),
                          ("padded", transformed.tensors.shape[2:])):
            arrays[f"{name}/{key}"] = np.array(size, np.int64)
    write_safetensors(str(path), arrays, {})


def content_of(model, whole):
    if whole == live_faster_rcnn.TRAINING:
        return {"epoch": 3, "model": {f"module.{key}": value
                                      for key, value in model.state_dict().items()}}
    return model if whole else model.state_dict()


def make(name, folder):
    builder, whole, sizes, batches = VARIANTS[name]
    if name.endswith("double"):
        transform._resize_image_and_masks = resize_in_double
    model = builder()
    torch.save(content_of(model, whole), folder / f"{name}.pth")
    images = cases(sizes, batches, detectors.channels_of(model),
                   name not in live_faster_rcnn.NO_BLANK)
    record(model, str(folder / f"{name}.safetensors"), cases=images, with_float64=True)
    if name in FEATURES:
        record_features(model, images, folder / f"{name}_features.safetensors")


if __name__ == "__main__":
    torch.set_flush_denormal(True)
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    plain_resize = transform._resize_image_and_masks
    for variant in sys.argv[2:] or VARIANTS:
        transform._resize_image_and_masks = plain_resize
        make(variant, out)
        print(variant, flush=True)
