#!/usr/bin/python3
"""Goldens of what one-stage detectors do, made by real torchvision.

    /usr/bin/python3 tests/gen/dense_operations.py tests/golden/nn

Made with Debian 12's python3-torchvision (0.14.1).
"""
import sys
from pathlib import Path
from types import SimpleNamespace

import torch
from torchvision.models.detection import _utils
from torchvision.models.detection.anchor_utils import AnchorGenerator, DefaultBoxGenerator
from torchvision.models.detection.fcos import FCOS
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.retinanet import RetinaNet
from torchvision.models.detection.ssd import SSD

from plain_safetensors import write_safetensors

GRIDS = [(12, 16), (6, 8), (3, 4)]
SIZE = (92, 121)  # of both images; padded to 96 x 128
CLASSES = 4


def put(out, name, items):
    for k, item in enumerate(items):
        out[f"{name}.{k}"] = item


def rows(maps, columns):
    """[n, anchors * columns, h, w] -> [n, h * w * anchors, columns], as the heads do."""
    return [x.view(len(x), -1, columns, *x.shape[2:]).permute(0, 3, 4, 1, 2)
            .reshape(len(x), -1, columns) for x in maps]


def maps(anchors, columns, mean=0.0, std=1.0):
    return [torch.randn(2, a * columns, *grid) * std + mean for a, grid in zip(anchors, GRIDS)]


def settings(score, nms, limit, top_n, coder):
    return SimpleNamespace(score_thresh=score, nms_thresh=nms, detections_per_img=limit,
                           topk_candidates=top_n, box_coder=coder)


def put_found(out, name, found):
    for key in ("boxes", "labels", "scores"):
        put(out, f"{name}.{key}", [image[key] for image in found])


# name: mean of the logits, of those of the second image, candidates per map or class, limit
CASES = {"few": (-4.0, -4.0, 1000, 100), "many": (-1.0, -4.0, 1000, 300), "cut": (-1.0, -2.0, 40, 30),
         "one_empty": (-50.0, -3.0, 1000, 300), "empty": (-50.0, -50.0, 1000, 300)}


def logits(anchors, means):
    both = maps(anchors, CLASSES)
    for level in both:
        level += torch.tensor(means).view(2, 1, 1, 1)
    return both


def on_anchors(centered):
    """RetinaNet, or FCOS if centered."""
    out = {}
    sizes = ((8,), (16,), (32,)) if centered else ((12, 20), (30, 41), (70, 90))
    ratios = ((1.0,),) * 3 if centered else ((0.5, 1.0, 1.7),) * 3
    generator = AnchorGenerator(sizes, ratios)
    per_cell = generator.num_anchors_per_location()
    images = ImageList(torch.zeros(2, 3, 96, 128), [SIZE] * 2)
    anchors = generator(images, [torch.zeros(2, 1, *grid) for grid in GRIDS])
    split = [list(a.split([h * w * n for n, (h, w) in zip(per_cell, GRIDS)])) for a in anchors]
    deltas = [x.relu() if centered else x for x in maps(per_cell, 4, 1.0 if centered else 0.0, 0.5)]
    put(out, "deltas", deltas)
    outputs = {"bbox_regression": rows(deltas, 4)}
    if centered:
        centerness = maps(per_cell, 1)
        put(out, "centerness", centerness)
        outputs["bbox_ctrness"] = rows(centerness, 1)
    for name, (first, second, top_n, limit) in CASES.items():
        scores = logits(per_cell, (first, second))
        put(out, f"{name}.logits", scores)
        kind, coder = ((FCOS, _utils.BoxLinearCoder()) if centered
                       else (RetinaNet, _utils.BoxCoder((1.0, 1.0, 1.0, 1.0))))
        this = settings(0.05, 0.6 if centered else 0.5, limit, top_n, coder)
        found = kind.postprocess_detections(this, {"cls_logits": rows(scores, CLASSES), **outputs},
                                            split, [SIZE] * 2)
        put_found(out, name, found)
    return out


def default_box_generators():
    return {"steps": DefaultBoxGenerator([[2], [2, 3], []], scales=[0.07, 0.35, 0.7, 1.05],
                                         steps=[8, 17, 31]),
            "ratios": DefaultBoxGenerator([[2], [2, 3], [3]], min_ratio=0.2, max_ratio=0.95),
            "large": DefaultBoxGenerator([[2], [2, 3], [3]], scales=[0.5, 0.9, 1.2, 1.3],
                                         clip=False)}


def default_boxes(generator):
    images = ImageList(torch.zeros(2, 3, *SIZE), [SIZE] * 2)
    return generator(images, [torch.zeros(2, 1, *grid) for grid in GRIDS])


def on_default_boxes():
    out = {}
    generator = default_box_generators()["steps"]
    per_cell = generator.num_anchors_per_location()
    anchors = default_boxes(generator)
    deltas = maps(per_cell, 4)
    put(out, "deltas", deltas)
    for name, (first, second, top_n, limit) in CASES.items():
        scores = logits(per_cell, (0.0, 0.0))
        for image, mean in enumerate((first, second)):  # the background competes
            for level, n in zip(scores, per_cell):
                level.view(2, n, CLASSES, *level.shape[2:])[image, :, 0] -= mean
        put(out, f"{name}.logits", scores)
        this = settings(0.05, 0.45, limit, top_n, _utils.BoxCoder((10.0, 10.0, 5.0, 5.0)))
        outputs = {"cls_logits": torch.cat(rows(scores, CLASSES), 1),
                   "bbox_regression": torch.cat(rows(deltas, 4), 1)}
        put_found(out, name, SSD.postprocess_detections(this, outputs, anchors, [SIZE] * 2))
    return out


def parts():
    out = {}
    for name, generator in default_box_generators().items():
        out[f"boxes.{name}"] = default_boxes(generator)[0]
    references = torch.rand(40, 4) * 50
    references[:, 2:] += references[:, :2]
    distances = torch.rand(40, 4) * 3
    out["distances.references"], out["distances.input"] = references, distances
    out["distances.expected"] = _utils.BoxLinearCoder().decode(distances, references)
    norm = torch.nn.GroupNorm(4, 12, eps=1e-5)
    out["group.weight"], out["group.bias"] = norm.weight.normal_(), norm.bias.normal_()
    # Small values, beside which eps counts.
    out["group.input"] = torch.randn(2, 12, 5, 6) * 0.01
    out["group.expected"] = norm(out["group.input"])
    return out


def main(folder):
    torch.manual_seed(0)
    with torch.no_grad():
        for name, made in {"dense_parts": parts(), "retinanet": on_anchors(False),
                           "fcos": on_anchors(True), "ssd": on_default_boxes()}.items():
            write_safetensors(folder / f"{name}.safetensors", made)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
