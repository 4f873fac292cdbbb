#!/usr/bin/python3
"""How the transforms of every one of torchvision's weights prepare photos.

    /usr/bin/python3 tests/gen/preparations.py tests/golden/zoo/preparations.json

Made with Debian 12's python3-torchvision (0.14.1) and Pillow. A row for each entry of the enums
whose photos are resized with antialiasing: the builder, the entry, mean and std, and for each photo
the size and the hash (FNV-1a, 64 bits) of the uint8 pixels [height, width, 3] that the transforms
make of it before they normalise. The photos are those of examples/shapes/images, whole, tiled, or
the upper left part.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torchvision
from PIL import Image
from torchvision.models import _api, quantization, segmentation
from torchvision.transforms._presets import ImageClassification, SemanticSegmentation

IMAGES = Path(__file__).parents[2] / "examples/shapes/images"
# photo, height and width of the part that is taken of tiles of it; None: the photo
PHOTOS = [("000.jpg", None), ("002.jpg", None), ("009.jpg", (80, 100)), ("028.jpg", (37, 41)),
          ("039.jpg", (224, 300)), ("043.jpg", (320, 213)), ("000.jpg", (768, 1024)),
          ("002.jpg", (500, 333)), ("009.jpg", (256, 256)), ("028.jpg", (61, 257)),
          ("039.jpg", (427, 640))]


def fnv(data):
    """FNV-1a of 8 bytes at a time, zeros behind the last: by the byte Python would take hours."""
    words = np.frombuffer(data + bytes(-len(data) % 8), dtype="<u8")
    value = 0xCBF29CE484222325
    for word in words.tolist():
        value = ((value ^ word) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def photos():
    for name, part in PHOTOS:
        array = np.asarray(Image.open(IMAGES / name).convert("RGB"))
        if part:
            array = np.tile(array, (3, 3, 1))[:part[0], :part[1]]
        yield Image.fromarray(np.ascontiguousarray(array))


def pixels(transforms, photo):
    """Of what the transforms give, before the normalisation."""
    mean, std = (torch.tensor(list(values))[:, None, None] for values in (transforms.mean, transforms.std))
    levels = (transforms(photo) * std + mean) * 255
    assert (levels - levels.round()).abs().max() < 0.01
    return levels.round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()


def name_of(enum):
    name = enum.lower().removesuffix("weights").removesuffix("_")
    return "quantized_" + name.removesuffix("_quantized") if name.endswith("_quantized") else name


def entries():
    """(builder, entry) of all enums, in order."""
    for source in (torchvision.models, quantization, segmentation):
        for kind in sorted(vars(source)):
            enum = getattr(source, kind)
            if isinstance(enum, type) and issubclass(enum, _api.WeightsEnum) and len(enum):
                for entry in enum:
                    yield name_of(kind), entry


def main():
    torch.set_num_threads(1)
    known = {}
    rows = []
    images = list(photos())
    for builder, entry in entries():
        transforms = entry.transforms()
        if not isinstance(transforms, (ImageClassification, SemanticSegmentation)):
            continue
        key = repr(transforms)
        if key not in known:
            made = [pixels(transforms, photo) for photo in images]
            known[key] = [[*array.shape[:2], fnv(array.tobytes())] for array in made]
        rows.append({"builder": builder, "entry": entry.name, "mean": list(transforms.mean),
                     "std": list(transforms.std), "preparation": list(known).index(key)})
        print(builder, entry.name, file=sys.stderr)
    text = ",\n".join(json.dumps(row) for row in rows)
    hashes = ",\n".join(json.dumps(row) for row in known.values())
    cases = json.dumps(PHOTOS)
    Path(sys.argv[1]).write_text(
        f'{{"photos": {cases},\n"rows": [\n{text}\n],\n"preparations": [\n{hashes}\n]}}\n')


main()
