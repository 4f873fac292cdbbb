#!/usr/bin/python3
"""Goldens of the box operations, made by real torchvision.

    /usr/bin/python3 tests/gen/box_operations.py tests/golden/nn

Made with Debian 12's python3-torchvision (0.14.1), which computes the resized size in float32. Newer
releases compute it in double, as

    floor(side * min(min_size / min(h, w), max_size / max(h, w)))

with Python floats (torchvision.models.detection.transform, _resize_image_and_masks, and torch's
interpolate with recompute_scale_factor); that formula is evaluated here for the double rule.
"""

import math
import random
import sys
from collections import OrderedDict
from pathlib import Path

import torch
from torchvision.models.detection import _utils, transform
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import RegionProposalNetwork, RPNHead
from torchvision.ops import (FeaturePyramidNetwork, MultiScaleRoIAlign, batched_nms,
                             boxes as box_ops)
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool
from torchvision.ops.misc import SqueezeExcitation
from torchvision.ops.poolers import initLevelMapper

from plain_safetensors import write_safetensors

MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]


def layers():
    """Single layers with random weights and statistics."""
    out = {}
    modules = {
        "conv": (torch.nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), (2, 4, 7, 6)),
        "dilated": (torch.nn.Conv2d(2, 3, 5, padding=4, dilation=2, bias=False), (1, 2, 9, 8)),
        "norm": (torch.nn.BatchNorm2d(3, eps=1e-3), (2, 3, 4, 5)),
        "linear": (torch.nn.Linear(7, 5), (3, 7)),
        "squeeze": (SqueezeExcitation(8, 3, scale_activation=torch.nn.Hardsigmoid), (2, 8, 5, 4)),
        "pyramid": (FeaturePyramidNetwork([3, 5, 4], 6, LastLevelMaxPool()), None),
    }
    for name, (module, shape) in modules.items():
        module.eval()
        for key, value in module.state_dict().items():
            if key.endswith("running_var") or key == "weight" and name == "norm":
                value.uniform_(0.5, 2)
            elif value.is_floating_point():
                value.normal_(std=0.3)
            out[f"{name}.{key}"] = value.clone()
        if shape is not None:
            out[f"{name}.input"] = torch.randn(shape)
            out[f"{name}.expected"] = module(out[f"{name}.input"])
            continue
        maps = OrderedDict(zip("012", (torch.randn(1, 3, 9, 11), torch.randn(1, 5, 5, 6),
                                       torch.randn(1, 4, 5, 6))))
        put_list(out, f"{name}.map", maps.values())
        put_list(out, f"{name}.expected", module(maps).values())
    return out


def random_boxes(count, size, smallest=0.0, largest=0.5):
    """Boxes inside an image of (height, width)."""
    height, width = size
    center = torch.rand(count, 2) * torch.tensor([width, height], dtype=torch.float32)
    side = (smallest + torch.rand(count, 2) ** 2 * (largest - smallest)) * max(size)
    boxes = torch.cat([center - side / 2, center + side / 2], 1)
    return box_ops.clip_boxes_to_image(boxes, size)


def elementwise():
    out = {}
    references = random_boxes(60, (300, 400))
    deltas = torch.randn(60, 4) * torch.tensor([0.5, 0.5, 1.0, 1.0])
    deltas[:6] = torch.tensor([[0, 0, 50, 0], [0, 0, 0, 50], [3, -3, -50, -50],
                               [0, 0, 4.1351666, 4.135167], [0, 0, 0, 0], [1e3, -1e3, 100, 100]])
    out["decode.references"] = references
    out["decode.deltas"] = deltas
    for name, weights in {"ones": (1.0, 1.0, 1.0, 1.0), "head": (10.0, 10.0, 5.0, 5.0)}.items():
        out[f"decode.{name}"] = _utils.BoxCoder(weights).decode_single(deltas, references)

    boxes = random_boxes(50, (500, 700)) * 1.5 - 100
    size = (281, 333)
    out["clip.boxes"] = boxes
    out["clip.size"] = torch.tensor(size)
    out["clip.expected"] = box_ops.clip_boxes_to_image(boxes, size)

    for name, smallest in {"rpn": 1e-3, "head": 1e-2}.items():
        side = torch.tensor(smallest)  # float32, as the comparison is
        below, above = torch.nextafter(side, torch.tensor(0.0)), torch.nextafter(side, side + 1)
        sides = [0.0, below, side, above, 1.0]
        cases = torch.tensor([[0.0, 0.0, w, h] for w in sides for h in sides])
        keep = torch.zeros(len(cases), dtype=torch.bool)
        keep[box_ops.remove_small_boxes(cases, smallest)] = True
        out[f"small.{name}.boxes"] = cases
        out[f"small.{name}.expected"] = keep
    return out


def suppression():
    """Images of groups of boxes; `kept` marks what batched_nms keeps of the candidates."""
    out = {}
    shapes = {"few": (2, 3, 60), "many": (2, 4, 300), "mixed": (3, 4, 300), "ties": (2, 3, 40)}
    for name, (batch, groups, count) in shapes.items():
        boxes = random_boxes(batch * groups * count, (240, 320), 0.02, 0.4)
        scores = torch.rand(batch * groups * count)
        if name == "ties":
            # Integer sides, few places and few scores: equal scores, equal boxes, and IoUs of
            # exactly one half.
            boxes = torch.randint(0, 4, boxes.shape).float() * 10
            boxes[:, 2:] = boxes[:, :2] + torch.randint(1, 3, (len(boxes), 2)) * 10
            scores = (scores * 4).round() / 4
        boxes = boxes.view(batch, groups, count, 4)
        scores = scores.view(batch, groups, count)
        candidates = torch.rand(batch, groups, count) < 0.9
        if name == "mixed":  # above 1000 candidates, below, and none
            candidates[1, :, 200:] = False
            candidates[2] = False
        kept = torch.zeros_like(candidates)
        for image in range(batch):
            place = candidates[image].nonzero()
            chosen = (image, place[:, 0], place[:, 1])
            keep = batched_nms(boxes[chosen], scores[chosen], place[:, 0], 0.5)
            kept[image, place[keep, 0], place[keep, 1]] = True
        out.update({f"{name}.boxes": boxes, f"{name}.scores": scores,
                    f"{name}.candidates": candidates, f"{name}.kept": kept})
    return out


def feature_maps(batch, channels, sizes):
    return OrderedDict((str(k), torch.randn(batch, channels, *size))
                       for k, size in enumerate(sizes))


def put_list(out, name, items):
    for k, item in enumerate(items):
        out[f"{name}.{k}"] = item


RPN_CASES = {
    # name: bias of the logits, scale of the deltas, nms, score threshold, pre, post
    "anchors": (0.0, 0.0, 1.0, 0.0, 1000, 5000),
    "usual": (0.0, 0.3, 0.7, 0.05, 1000, 1000),
    "few": (0.0, 0.3, 0.7, 0.0, 100, 50),
    "threshold": (-1.0, 0.3, 0.7, 0.3, 1000, 1000),
    "none": (-2000.0, 0.3, 0.7, 0.05, 1000, 1000),
}


def proposals():
    """A region proposal network on three maps."""
    out = {}
    channels = 8
    image_sizes = [(192, 250), (192, 250)]
    padded = torch.zeros(2, 3, 192, 256)
    maps = feature_maps(2, channels, [(12, 16), (7, 9), (3, 4)])
    # The head is shared by all levels, so all have the same number of anchors per cell.
    anchors = AnchorGenerator(((16, 24), (40, 61), (90, 128)),
                              ((0.5, 1.0), (0.7, 1.9), (1.0, 3.0)))
    head = RPNHead(channels, anchors.num_anchors_per_location()[0])
    torch.nn.init.normal_(head.conv[0][0].weight, std=0.2)
    torch.nn.init.constant_(head.conv[0][0].bias, 1.0)  # no cell is all zeros: no equal logits
    torch.nn.init.normal_(head.cls_logits.weight, std=0.5)
    put_list(out, "map", maps.values())
    for name, (bias, scale, nms, threshold, pre, post) in RPN_CASES.items():
        torch.nn.init.normal_(head.bbox_pred.weight, std=scale)
        torch.nn.init.constant_(head.cls_logits.bias, bias)
        rpn = RegionProposalNetwork(anchors, head, 0.7, 0.3, 256, 0.5,
                                    {"training": pre, "testing": pre},
                                    {"training": post, "testing": post}, nms, threshold).eval()
        found, _ = rpn(ImageList(padded, image_sizes), maps)
        for key, value in head.state_dict().items():
            out[f"{name}.rpn.head.{key}"] = value.clone()
        put_list(out, f"{name}.expected", found)
    return out


def pooled_boxes(size):
    """Boxes for every level, at the borders between levels, tiny, huge and degenerate."""
    height, width = size
    boxes = [[0, 0, 0, 0], [5, 5, 5.01, 5.01], [0, 0, width, height], [10, 10, 12, height],
             [3, 90, width, 92], [width - 1, height - 1, width, height], [30, 30, 30, 60],
             [0, 0, 1e-3, 1e-3]]
    for level in (2, 3, 4, 5):
        side = 224 * 2.0 ** (level - 4)
        for k in (-8, -4, -3, -2, -1, 0, 1, 8):  # neighbours of the border in float32
            border = torch.tensor(side * 2.0**-1e-6)
            for _ in range(abs(k)):
                border = torch.nextafter(border, border + (1 if k > 0 else -1))
            boxes.append([0, 0, border.item(), border.item()])
        boxes.append([1, 2, 1 + side, 2 + side])
        boxes.append([1, 2, 1 + side * 4, 2 + side / 4])
    boxes = torch.tensor(boxes, dtype=torch.float32)
    return torch.cat([boxes, random_boxes(20, size, 0.0, 1.0)])


def pooling():
    out = {}
    size = (256, 320)
    cases = {"four": (4, 8, 16, 32), "two": (8, 16), "one": (32, 32)}
    for name, strides in cases.items():
        maps = feature_maps(2, 1, [(size[0] // s, size[1] // s) for s in strides])
        boxes = [pooled_boxes(size), pooled_boxes(size).flip(0)]
        put_list(out, f"{name}.map", maps.values())
        out[f"{name}.boxes"] = torch.stack(boxes)
        for ratio in (0, 2):
            pool = MultiScaleRoIAlign([str(k) for k in range(len(strides))], (3, 5), ratio)
            out[f"{name}.ratio{ratio}"] = pool(maps, boxes, [size, size])
    return out


def detections():
    """RoIHeads with box branch, as Faster R-CNN has it, and boxes for each of three levels."""
    out = {}
    size = (256, 320)
    channels, hidden, classes = 4, 24, 6
    maps = feature_maps(2, channels, [(64, 80), (32, 40), (16, 20)])
    put_list(out, "map", maps.values())
    heads = RoIHeads(MultiScaleRoIAlign(["0", "1", "2"], 3, 2), TwoMLPHead(channels * 9, hidden),
                     FastRCNNPredictor(hidden, classes), 0.5, 0.5, 512, 0.25, None, 0.05, 0.5,
                     100).eval()
    torch.nn.init.normal_(heads.box_predictor.cls_score.weight, std=1.5)
    torch.nn.init.normal_(heads.box_predictor.bbox_pred.weight, std=1.0)
    for key, value in heads.state_dict().items():
        out[f"roi_heads.{key}"] = value.clone()
    # Number of proposals of the two images: few candidates, more than 1000, none for one.
    cases = {"few": (30, 25), "many": (300, 40), "empty": (0, 20), "none": (0, 0)}
    for name, counts in cases.items():
        boxes = [random_boxes(count, size, 0.02, 1.6) for count in counts]
        if sum(counts):
            per_level = torch.bincount(initLevelMapper(2, 4)(boxes), minlength=3)
            assert per_level.min() > 0, f"{name}: {per_level.tolist()} boxes on the levels"
        put_list(out, f"{name}.proposals", boxes)
        found, _ = heads(maps, boxes, [size, size])
        for key in ("boxes", "labels", "scores"):
            put_list(out, f"{name}.{key}", [image[key] for image in found])
    return out


def sizes(count=400):
    generator = random.Random(7)
    fixed = [(100, 100), (300, 500), (375, 500), (427, 640), (480, 640), (640, 480), (375, 1242),
             (1080, 1920), (333, 999), (800, 800), (800, 1333), (1333, 800), (1, 1),
             (3840, 2160), (4000, 3000)]
    sides = [[int(math.exp(generator.uniform(math.log(30), math.log(3000)))) for _ in range(2)]
             for _ in range(count)]
    return fixed + [(h, w) for h, w in sides if max(h, w) < 12 * min(h, w)]


def double_rule(size, min_size, max_size):
    scale = min(min_size / min(size), max_size / max(size))
    return [int(math.floor(float(side) * scale)) for side in size]


def float32_rule(size, min_size, max_size):
    image, _ = transform._resize_image_and_masks(torch.zeros(1, *size), float(min_size),
                                                 float(max_size))
    return list(image.shape[-2:])


def resized_sizes():
    out = {}
    inputs = sizes()
    out["sizes.input"] = torch.tensor(inputs)
    for min_size, max_size in ((800, 1333), (320, 640), (600, 1000)):
        for name, rule in (("double", double_rule), ("float32", float32_rule)):
            results = [rule(size, min_size, max_size) for size in inputs]
            out[f"sizes.{name}.{min_size}"] = torch.tensor(results)
    return out


TRANSFORMS = {
    # name: input (height, width), min_size, max_size, fixed size (width, height)
    "up": ((19, 27), 32, 60, None),
    "down": ((50, 36), 24, 30, None),
    "long": ((10, 50), 32, 45, None),
    "same": ((32, 32), 32, 64, None),
    "fixed": ((25, 21), 1, 1, (64, 32)),
}


def transformed():
    out = {}
    for name, (size, min_size, max_size, fixed) in TRANSFORMS.items():
        images = torch.rand(2 if name == "up" else 1, 3, *size)
        module = transform.GeneralizedRCNNTransform(min_size, max_size, MEAN, STD,
                                                    fixed_size=fixed).eval()
        result, _ = module(list(images))
        out[f"{name}.images"] = images
        out[f"{name}.expected"] = result.tensors
        out[f"{name}.size"] = torch.tensor(result.image_sizes[0])
    return out


def nearest():
    """Which cell F.interpolate reads for each of more cells. Sizes that halving twice or thrice
    makes; for the first two, rounding decides."""
    out = {}
    for few, many in ((50, 198), (16, 122), (13, 50), (7, 13), (6, 12)):
        cells = torch.arange(few, dtype=torch.float32).view(1, 1, few, 1)
        out[f"{few}.{many}"] = torch.nn.functional.interpolate(cells, size=(many, 1))
    return out


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    groups = {
        "elementwise": elementwise,
        "suppression": suppression,
        "proposals": proposals,
        "pooling": pooling,
        "detections": detections,
        "sizes": resized_sizes,
        "transform": transformed,
        "layers": layers,
        "nearest": nearest,
    }
    with torch.no_grad():
        for name, make in groups.items():
            torch.manual_seed(0)  # of each, so that a change of one leaves the others alone
            write_safetensors(folder / f"{name}.safetensors", make())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
