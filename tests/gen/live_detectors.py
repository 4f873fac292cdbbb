#!/usr/bin/env python3
"""Makes detectors in the installed torchvision and records what they find.

    live_detectors.py OUT [--full] [NAME... | K/N]

K/N makes every Nth row from the Kth on, so that several runs share the work. With --full, every row
gets eight sizes and batches of 2 and 3 besides its own. For each row of VARIANTS: OUT/NAME.pth and OUT/NAME.safetensors (see scripts/record_reference.py), and for FEATURES also what the backbone
gave, so that the rest of a graph can be tested alone. Rows whose name says "double" run torchvision's
transform with the rule of later releases.
"""
import pathlib
import sys

import numpy as np
import torch
import torchvision
from torchvision.models.detection import transform
from torchvision.models.detection.anchor_utils import AnchorGenerator, DefaultBoxGenerator
from torchvision.models.detection.backbone_utils import (_mobilenet_extractor,
                                                         _resnet_fpn_extractor)
from torchvision.models.detection.faster_rcnn import FasterRCNN, FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.fcos import FCOS, FCOSHead
from torchvision.models.detection.retinanet import RetinaNet
from torchvision.models.detection.ssd import SSD, _vgg_extractor
from torchvision.ops.feature_pyramid_network import LastLevelP6P7

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(pathlib.Path(__file__).resolve().parent)]
import live_faster_rcnn  # noqa: E402
import live_preparation  # noqa: E402
import live_roi_branches  # noqa: E402
import random_detectors as detectors  # noqa: E402
from record_reference import as_channels, record, write_safetensors  # noqa: E402

LARGE = "fasterrcnn_mobilenet_v3_large_fpn"
SMALL = "fasterrcnn_mobilenet_v3_large_320_fpn"
SIZES = [(100, 100), (300, 500), (375, 500), (427, 640), (480, 640), (640, 480), (375, 1242),
         (1080, 1920)]
FEW_SIZES = [(100, 100), (375, 500), (427, 640)]


def as_bytes(image):
    return np.rint(image.permute(1, 2, 0).numpy() * 255).astype(np.uint8)


def cases(sizes, batches, channels=3):
    """Photos at the sizes, a blank image, noise, and batches of different images."""
    photo = lambda index, height, width: as_bytes(detectors.photo(index, height, width))
    made = {f"{h}x{w}": photo(k, h, w)[None] for k, (h, w) in enumerate(sizes)}
    made["blank"] = np.zeros((1, 300, 400, 3), np.uint8)
    made["noise"] = np.random.RandomState(0).randint(0, 256, (1, 320, 320, 3)).astype(np.uint8)
    for count in batches:
        images = [photo(k, 240, 320) for k in range(count)]
        images[-1] = images[-1] * 0  # proposals for some images of a batch, none for another
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


# One-stage models. Small images, since a pixel of theirs costs as much as one of a large image.
ONE_STAGE_SIZES = [(100, 100), (210, 280), (300, 200)]


def retinanet():
    return detectors.build("retinanet_resnet50_fpn", classes=5, seed=10, min_size=224, max_size=320)


def retinanet_v2():
    """Every setting of the builder differs from its default."""
    return detectors.build(
        "retinanet_resnet50_fpn_v2", classes=4, seed=11, min_size=200, max_size=300,
        image_mean=[0.4, 0.5, 0.45], image_std=[0.3, 0.2, 0.25], score_thresh=0.1, nms_thresh=0.35,
        detections_per_img=40, topk_candidates=60)


def retinanet_assembled():
    """On ResNet-18, with a pooled last map and other anchors."""
    torch.manual_seed(12)
    body = torchvision.models.resnet18(weights=None)
    backbone = _resnet_fpn_extractor(body, 5, returned_layers=[2, 3, 4])
    anchors = AnchorGenerator(((20, 50), (70, 110), (150, 200), (260, 300)), ((0.6, 1.2, 1.9),) * 4)
    return detectors.calibrate(RetinaNet(backbone, 3, min_size=224, max_size=320,
                                         anchor_generator=anchors), 12)


def fcos():
    return detectors.build("fcos_resnet50_fpn", classes=5, seed=13, min_size=224, max_size=320)


def fcos_assembled():
    torch.manual_seed(14)
    body = torchvision.models.resnet18(weights=None)
    backbone = _resnet_fpn_extractor(body, 5, returned_layers=[1, 2, 3, 4],
                                     extra_blocks=LastLevelP6P7(512, 256))
    anchors = AnchorGenerator(((4,), (8,), (16,), (32,), (64,), (128,)), ((1.0,),) * 6)
    head = FCOSHead(256, 1, 3, num_convs=2)
    return detectors.calibrate(FCOS(backbone, 3, min_size=160, max_size=240, head=head,
                                    anchor_generator=anchors, score_thresh=0.1, nms_thresh=0.4,
                                    topk_candidates=150, detections_per_img=80), 14)


def ssd():
    return detectors.build("ssd300_vgg16", classes=6, seed=15, score_thresh=0.5)


def ssd_assembled():
    """A size that is no square and has odd maps, own default boxes, normalised VGG."""
    torch.manual_seed(16)
    backbone = _vgg_extractor(torchvision.models.vgg11_bn(weights=None), False, 5)
    boxes = DefaultBoxGenerator([[2], [2, 3], [3], [], [2], [2]], min_ratio=0.1, max_ratio=0.8,
                                clip=False)
    return detectors.calibrate(SSD(backbone, boxes, (304, 294), 4, score_thresh=0.2,
                                   nms_thresh=0.3, topk_candidates=90, detections_per_img=70), 16)


def ssdlite():
    return detectors.build("ssdlite320_mobilenet_v3_large", classes=6, seed=17)


def ssdlite_module():
    return detectors.build("ssdlite320_mobilenet_v3_large", classes=3, seed=18, score_thresh=0.02,
                           detections_per_img=30)


def nothing_found():
    """No score is high enough, in no image."""
    return detectors.build("ssdlite320_mobilenet_v3_large", classes=3, seed=19, score_thresh=1.0)


# name -> builder of the model, whole module or state dict, sizes, batches
VARIANTS = {
    "large": (large, False, SIZES, (2,)),
    "large_double": (large_double, False, SIZES[1:4], ()),
    "settings": (settings, True, FEW_SIZES, (2,)),
    "small_module": (small_module, True, SIZES, (2, 3, 8)),
    "frozen": (frozen, False, FEW_SIZES, (2,)),
    "assembled": (assembled, True, FEW_SIZES, (2,)),
    "no_proposals": (no_proposals, False, [(240, 320)], (2,)),
    "retinanet": (retinanet, False, ONE_STAGE_SIZES, (2,)),
    "retinanet_v2": (retinanet_v2, True, ONE_STAGE_SIZES, (2,)),
    "retinanet_assembled": (retinanet_assembled, True, ONE_STAGE_SIZES, (3,)),
    "fcos": (fcos, False, ONE_STAGE_SIZES, (2,)),
    "fcos_assembled": (fcos_assembled, True, ONE_STAGE_SIZES, (2,)),
    "ssd": (ssd, False, [(210, 280)], (2,)),
    "ssd_assembled": (ssd_assembled, True, ONE_STAGE_SIZES, (2,)),
    "ssdlite": (ssdlite, False, FEW_SIZES, (2,)),
    "ssdlite_module": (ssdlite_module, True, FEW_SIZES, (3,)),
    "nothing_found": (nothing_found, True, [(240, 320)], (2,)),
    **live_faster_rcnn.VARIANTS,
    **live_roi_branches.VARIANTS,
    **live_preparation.VARIANTS,
}
FEATURES = {"large", "assembled", "resnet18", "retinanet", "retinanet_v2", "fcos", "fcos_assembled",
            "ssd_assembled", "ssdlite"}


class Seen:
    """What the transform, the backbone and the whole model gave, run by run, while it is entered. Runs of
    a copy in double precision, which has the hooks, too, are left out."""

    def __init__(self, model):
        self.model = model
        self.transformed, self.maps, self.results = [], [], []

    def __enter__(self):
        def keep(module, runs, dtype_of, part=lambda output: output):
            def hook(_module, _inputs, output):
                if dtype_of(part(output)) == torch.float32:
                    runs.append(part(output))
            return module.register_forward_hook(hook)

        self.hooks = [
            keep(self.model.transform, self.transformed, lambda images: images.tensors.dtype,
                 lambda output: output[0]),
            keep(self.model.backbone, self.maps, lambda maps: next(iter(maps.values())).dtype),
            keep(self.model, self.results, lambda results: results[0]["boxes"].dtype)]
        return self

    def __exit__(self, *_problem):
        for hook in self.hooks:
            hook.remove()


def write_features(images, seen, path):
    """For each case of one image: the feature maps, the sizes, and what became of them."""
    arrays = {}
    assert len(images) == len(seen.transformed) == len(seen.maps) == len(seen.results)
    for (name, pixels), transformed, maps, results in zip(images.items(), seen.transformed, seen.maps,
                                                          seen.results):
        if len(pixels) > 1:
            continue
        for key, feature in maps.items():
            arrays[f"{name}/map.{key}"] = feature.numpy()
        for key in ("boxes", "labels", "scores"):
            arrays[f"{name}/{key}"] = results[0][key].numpy()
        for key, size in (("size", transformed.image_sizes[0]), ("original", pixels.shape[1:3]),
                          ("padded", transformed.tensors.shape[2:])):
            arrays[f"{name}/{key}"] = np.array(size, np.int64)
    write_safetensors(str(path), arrays, {})


@torch.no_grad()
def record_full_masks(model, images, path):
    """torchvision's pasted masks of the first image."""
    pixels = next(iter(images.values()))
    result = model([torch.from_numpy(pixels[0]).permute(2, 0, 1).float().div(255).contiguous()])[0]
    write_safetensors(str(path), {"input": pixels, "masks": result["masks"].numpy()}, {})


def content_of(model, whole):
    if whole == live_faster_rcnn.TRAINING:
        return {"epoch": 3, "model": {f"module.{key}": value
                                      for key, value in model.state_dict().items()}}
    return model if whole else model.state_dict()


def make(name, folder, full):
    builder, whole, sizes, batches = VARIANTS[name]
    if full:
        sizes, batches = dict.fromkeys([*sizes, *SIZES]), (2, 3)
    if name.endswith("double"):
        transform._resize_image_and_masks = resize_in_double
        torchvision.__version__ = "0.16.0"  # whose rule this is: the reference says so
    model = builder()
    torch.save(content_of(model, whole), folder / f"{name}.pth")
    images = cases(sizes, batches, detectors.channels_of(model))
    reference = str(folder / f"{name}.safetensors")
    if name in FEATURES:
        with Seen(model) as seen:
            record(model, reference, cases=images, with_float64=True)
        write_features(images, seen, folder / f"{name}_features.safetensors")
    else:
        record(model, reference, cases=images, with_float64=True)
    if name in live_roi_branches.FULL_MASKS:
        record_full_masks(model, images, folder / f"{name}_full.safetensors")


def chosen(names):
    if len(names) == 1 and "/" in names[0]:
        part, parts = map(int, names[0].split("/"))
        return list(VARIANTS)[part::parts]
    return names or list(VARIANTS)


def main():
    torch.set_flush_denormal(True)
    arguments = [each for each in sys.argv[1:] if each != "--full"]
    out = pathlib.Path(arguments[0])
    out.mkdir(parents=True, exist_ok=True)
    plain_resize = transform._resize_image_and_masks
    installed = torchvision.__version__
    for variant in chosen(arguments[1:]):
        transform._resize_image_and_masks = plain_resize
        torchvision.__version__ = installed
        make(variant, out, "--full" in sys.argv)
        print(variant, flush=True)


if __name__ == "__main__":
    main()
