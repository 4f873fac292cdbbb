#!/usr/bin/python3
"""Writes tests/golden/run/masks.safetensors: masks pasted by torchvision's own function, and
COCO's run lengths of masks, computed here pixel by pixel.

For each paste NAME: NAME.mask float32 [m, m], NAME.box [4], NAME.pasted [height, width], and
NAME.place int64 [4], the integer box. For each form NAME: NAME.pixels bool [height, width] and
NAME.counts int64, the characters of COCO's compressed string.

Needs torch and torchvision; compared with pycocotools where that is installed. Run without
arguments; the product is committed.
"""
import pathlib

import torch
from torchvision.models.detection.roi_heads import expand_boxes, expand_masks, paste_masks_in_image

from plain_safetensors import write_safetensors

OUT = pathlib.Path(__file__).resolve().parent.parent / "golden" / "run" / "masks.safetensors"

# name -> side of the mask, box, height, width of the image
PASTES = {
    "inside": (28, (5.3, 7.8, 41.2, 30.1), 40, 50),
    "wide": (28, (2.5, 10.25, 57.5, 16.75), 24, 60),
    "whole_image": (28, (0.0, 0.0, 50.0, 40.0), 40, 50),
    "beyond_top_left": (28, (0.0, 0.0, 12.7, 9.4), 30, 30),
    "beyond_bottom_right": (28, (17.3, 20.6, 30.0, 30.0), 30, 30),
    "far_beyond": (28, (-20.0, -35.5, 61.0, 44.5), 30, 40),
    "same_size": (28, (3.0, 4.0, 30.1, 31.1), 40, 40),
    "one_pixel": (28, (10.2, 10.2, 10.4, 10.4), 20, 20),
    "no_area": (28, (10.0, 12.0, 10.0, 12.0), 20, 20),
    "line": (28, (3.0, 10.6, 33.0, 10.6), 20, 40),
    "turned_over": (28, (14.0, 13.0, 6.0, 5.0), 20, 20),
    "small_mask": (7, (5.3, 7.8, 41.2, 30.1), 40, 50),
    "large_mask": (56, (5.3, 7.8, 25.2, 20.1), 40, 50),
    "single_value": (1, (8.0, 8.0, 14.0, 15.0), 24, 24),
}


def pastes():
    torch.manual_seed(1)
    out = {}
    for name, (side, box, height, width) in PASTES.items():
        mask = torch.rand(1, 1, side, side)
        boxes = torch.tensor([box])
        out[f"{name}.mask"] = mask[0, 0]
        out[f"{name}.box"] = boxes[0]
        out[f"{name}.place"] = expand_boxes(boxes, expand_masks(mask, 1)[1]).to(torch.int64)[0]
        out[f"{name}.pasted"] = paste_masks_in_image(mask, boxes, (height, width))[0, 0]
    return out


def places(count):
    """Boxes near whole numbers, where rounding decides: [count, 4] and what becomes of them."""
    random = torch.Generator().manual_seed(2)
    low = torch.rand(count, 2, generator=random) * 1000
    boxes = torch.cat([low, low + torch.rand(count, 2, generator=random) * 900], 1)
    boxes[: count // 2] = (boxes[: count // 2] * 56).round() / 56
    sides = (28, 14, 7, 56)
    all_places = [expand_boxes(boxes, float(side + 2) / side).to(torch.int64) for side in sides]
    return {"places.boxes": boxes, "places.sides": torch.tensor(sides),
            "places.expected": torch.stack(all_places)}


def run_lengths(pixels):
    """Column by column, those outside first."""
    counts, inside = [0], False
    for pixel in pixels.t().reshape(-1).tolist():
        if pixel != inside:
            counts.append(0)
            inside = pixel
        counts[-1] += 1
    return counts


def compressed(counts):
    """COCO's string: five bits to a character, differences from the count before the last."""
    text = ""
    for k, count in enumerate(counts):
        rest = count - counts[k - 2] if k > 2 else count
        while True:
            bits, rest = rest & 31, rest >> 5
            last = rest == (-1 if bits & 16 else 0)
            text += chr(48 + bits + (0 if last else 32))
            if last:
                break
    return text


def forms():
    y, x = torch.meshgrid(torch.arange(70), torch.arange(90), indexing="ij")
    ring = (abs(((y - 35) ** 2 + (x - 44) ** 2).sqrt() - 24) < 6)
    noise = torch.rand(33, 47, generator=torch.Generator().manual_seed(3)) > 0.6
    single = torch.zeros(5, 6, dtype=torch.bool)
    single[2, 3] = True
    corners = torch.eye(6, dtype=torch.bool)
    corners[0, 5] = corners[5, 0] = True
    last = torch.zeros(180, 90, dtype=torch.bool)
    last[179, 89] = True
    column = torch.zeros(7, 9, dtype=torch.bool)
    column[:, 3:5] = True
    made = {"ring": ring, "noise": noise, "single": single, "corners": corners, "last": last,
            "column": column, "nothing": torch.zeros(4, 5, dtype=torch.bool),
            "everything": torch.ones(4, 5, dtype=torch.bool)}
    out = {}
    for name, pixels in made.items():
        text = compressed(run_lengths(pixels))
        check_with_pycocotools(pixels, text)
        out[f"{name}.pixels"] = pixels
        out[f"{name}.counts"] = torch.tensor([ord(c) for c in text])
    return out


def check_with_pycocotools(pixels, text):
    try:
        from pycocotools import mask
    except ImportError:
        return
    import numpy as np
    real = mask.encode(np.asfortranarray(pixels.numpy().astype(np.uint8)))["counts"].decode()
    assert text == real, (text, real)


if __name__ == "__main__":
    write_safetensors(OUT, {**pastes(), **places(400), **forms()})
