#!/usr/bin/python3
"""Goldens of how torchvision prepares photos: pixels after resizing and cropping.

    /usr/bin/python3 tests/gen/photos.py tests/golden/nn

Made with Debian 12's python3-torchvision (0.14.1) and Pillow: what the transforms of torchvision's
weights do to a PIL image, before the pixels become floats. photos.json has one row per case, and
photos.bin the pixels of all of them, uint8 [height, width, 3], in the order of the rows. The photos
are those of examples/shapes/images, of which a case may take the upper left part only.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

PHOTOS = ["000.jpg", "002.jpg", "009.jpg", "028.jpg", "039.jpg", "043.jpg"]
# part of the photo (height, width), resize_size, crop_size
SHRUNK = [(None, [46], [40]), (None, [47], [37])]
ENLARGED = [((20, 31), [46], [40]), ((37, 41), [52], [45])]
ODD = [((90, 61), [30], [43]),  # a crop that is larger than the image: zeros around it
       ((64, 97), [40, 52], [33, 48]),
       ((64, 97), [40, 52], []),
       ((50, 70), [], [41]),
       ((40, 52), [40], [31]),  # no resizing is needed
       ((200, 23), [23], [20])]


def prepared(image, resize, crop, mode):
    if resize:
        image = F.resize(image, resize, mode)
    return F.center_crop(image, crop) if crop else image


def case(name, part, resize, crop, mode, antialias=True):
    with Image.open(Path(__file__).parents[2] / "examples/shapes/images" / name) as photo:
        image = photo.convert("RGB")
    if part:
        image = image.crop((0, 0, part[1], part[0]))
    if antialias:  # Pillow does it always
        pixels = np.asarray(prepared(image, resize, crop, mode))
    else:
        tensor = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)
        pixels = prepared(tensor, resize, crop, mode).permute(1, 2, 0).numpy()
    row = {"photo": name, "part": part, "resize": resize, "crop": crop,
           "bicubic": mode == InterpolationMode.BICUBIC, "antialias": antialias,
           "size": list(pixels.shape[:2])}
    return row, np.ascontiguousarray(pixels).tobytes()


def main():
    bilinear, bicubic = InterpolationMode.BILINEAR, InterpolationMode.BICUBIC
    cases = []
    for k, name in enumerate(PHOTOS):
        for mode in (bilinear, bicubic):
            part, resize, crop = (SHRUNK + ENLARGED)[k % 2]
            cases.append(case(name, part, resize, crop, mode))
    for k, (part, resize, crop) in enumerate(ENLARGED + ODD):
        for mode in (bilinear, bicubic):
            cases.append(case(PHOTOS[k % len(PHOTOS)], part, resize, crop, mode))
    for part, resize, crop in [(None, [46], [40]), ((37, 41), [52], [45]), (None, [32, 43], [28])]:
        cases.append(case("009.jpg", part, resize, crop, bilinear, antialias=False))
    out = Path(sys.argv[1])
    rows = ",\n".join(json.dumps(row) for row, _ in cases)
    (out / "photos.json").write_text(f"[\n{rows}\n]\n")
    (out / "photos.bin").write_bytes(b"".join(pixels for _, pixels in cases))


main()
