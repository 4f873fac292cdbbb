#!/usr/bin/python3
"""Goldens of the mask and keypoint branches, made by real torchvision.

    /usr/bin/python3 tests/gen/roi_branches.py tests/golden/nn
"""

import sys
from pathlib import Path

import torch
from torch.nn import BatchNorm2d, functional
from torchvision.models.detection.keypoint_rcnn import KeypointRCNNHeads, KeypointRCNNPredictor
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.models.detection.roi_heads import (heatmaps_to_keypoints, maskrcnn_inference,
                                                    paste_masks_in_image)
from torchvision.ops import MultiScaleRoIAlign

from box_operations import feature_maps, put_list, random_boxes
from plain_safetensors import write_safetensors

SIZE = (256, 320)
CHANNELS, CLASSES, KEYPOINTS = 3, 4, 5
# Detections of the two images.
COUNTS = {"some": (3, 2), "one": (1, 0), "second": (0, 2), "many": (9, 12)}


def random_weights(module):
    for key, value in module.state_dict().items():
        if key.endswith("running_var"):
            value.uniform_(0.5, 2)
        elif value.is_floating_point():
            value.normal_(std=0.3)


def put_weights(out, prefix, module):
    out.update({f"{prefix}.{key}": value.clone() for key, value in module.state_dict().items()})


def branch_inputs(out):
    """Feature maps, and boxes and labels of the detections of each case."""
    maps = feature_maps(2, CHANNELS, [(32, 40), (16, 20), (8, 10)])
    put_list(out, "map", maps.values())
    cases = {}
    for name, counts in COUNTS.items():
        boxes = [random_boxes(count, SIZE, 0.02, 0.9) for count in counts]
        labels = [torch.randint(1, CLASSES, (count,)) for count in counts]
        put_list(out, f"{name}.boxes", boxes)
        put_list(out, f"{name}.labels", labels)
        cases[name] = boxes, labels
    return maps, cases


def masks():
    out = {}
    maps, cases = branch_inputs(out)
    pool = MultiScaleRoIAlign(["0", "1", "2"], 4, 2)
    predictor = MaskRCNNPredictor(5, 3, CLASSES)
    random_weights(predictor)
    heads = {"plain": MaskRCNNHeads(CHANNELS, (4, 5), 1),
             "norm": MaskRCNNHeads(CHANNELS, (4, 6, 5), 1, norm_layer=BatchNorm2d)}
    for kind, head in heads.items():
        head.eval()
        random_weights(head)
        put_weights(out, f"{kind}.mask_predictor", predictor)
        put_weights(out, f"{kind}.mask_head", head)
        for name, (boxes, labels) in cases.items():
            logits = predictor(head(pool(maps, boxes, [SIZE, SIZE])))
            out[f"{kind}.{name}.expected"] = torch.cat(maskrcnn_inference(logits, labels))
    # The same weights as torchvision up to 0.12 named them; checked by loading them.
    for key in [key for key in out if key.startswith("plain.mask_")]:
        words = key.split(".")
        if words[1] == "mask_head":
            words[2:4] = [f"mask_fcn{int(words[2]) + 1}"]
        out[".".join(["old", *words[1:]])] = out[key]
    old = {key[len("old.mask_head."):]: out[key] for key in out if key.startswith("old.mask_head.")}
    MaskRCNNHeads(CHANNELS, (4, 5), 1).load_state_dict(old)
    return out


def pasting():
    """Masks on boxes inside the image, over its borders, tiny, and without any area."""
    out = {}
    height, width = 37, 53
    boxes = [[3.2, 4.7, 30.1, 29.4], [0, 0, width, height], [-9.5, -3.2, 12.9, 8.1],
             [40.3, 20.9, 70.2, 50.5], [10, 10, 20, 20], [10.999, 11.001, 12.001, 12.999],
             [5.5, 5.5, 5.8, 5.7], [7, 7, 7, 7], [0, 0, 0, 0], [52.9, 36.9, 53, 37],
             [0.2, 0.3, 0.9, 36.9], [0.4, 15.1, 52.6, 15.4], [-30, -20, 100, 90]]
    boxes = torch.tensor(boxes)
    boxes = torch.cat([boxes, random_boxes(10, (height, width), 0.0, 1.0)])
    out["boxes"] = boxes
    out["image_size"] = torch.tensor([height, width])
    for size in (5, 28):
        masks = torch.rand(len(boxes), 1, size, size)
        out[f"masks.{size}"] = masks
        out[f"expected.{size}"] = paste_masks_in_image(masks, boxes, (height, width))
    return out


def upsampled(maps):
    """What KeypointRCNNPredictor does last."""
    return functional.interpolate(maps, scale_factor=2.0, mode="bilinear", align_corners=False,
                                  recompute_scale_factor=False)


def heatmaps():
    out = {}
    boxes = [[3.2, 4.7, 30.1, 129.4], [10, 10, 20, 20], [0, 0, 0, 0], [5.5, 5.5, 5.8, 5.7],
             [0, 0, 1, 1], [1.25, 2.5, 2.26, 202.5], [0, 7, 301, 8], [0, 0, 200, 301.5],
             [17, 19, 31, 33], [17, 19, 45, 47]]
    boxes = torch.cat([torch.tensor(boxes), random_boxes(14, (320, 320), 0.0, 0.9)])
    out["boxes"] = boxes
    for size in (5, 14):
        maps = torch.randn(len(boxes), 3, size, size) * 3
        points, scores = heatmaps_to_keypoints(upsampled(maps), boxes)
        out.update({f"maps.{size}": maps, f"points.{size}": points, f"scores.{size}": scores})
    return out


def keypoints():
    out = {}
    maps, cases = branch_inputs(out)
    pool = MultiScaleRoIAlign(["0", "1", "2"], 4, 2)
    head = KeypointRCNNHeads(CHANNELS, (4, 6, 5))
    predictor = KeypointRCNNPredictor(5, KEYPOINTS)
    for name, module in (("keypoint_head", head), ("keypoint_predictor", predictor)):
        random_weights(module)
        put_weights(out, name, module)
    for name, (boxes, _labels) in cases.items():
        logits = predictor(head(pool(maps, boxes, [SIZE, SIZE])))
        points, scores = heatmaps_to_keypoints(logits, torch.cat(boxes))
        out.update({f"{name}.points": points, f"{name}.scores": scores})
    return out


def main(folder):
    torch.manual_seed(1)
    groups = {"masks": masks, "pasting": pasting, "heatmaps": heatmaps, "keypoints": keypoints}
    with torch.no_grad():
        for name, make in groups.items():
            write_safetensors(folder / f"{name}.safetensors", make())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
