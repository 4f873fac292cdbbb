#!/usr/bin/env python3
"""Makes the data of the demo from the shapes detector.

    make_demo_data.py SHAPES

SHAPES is the folder with the detector that was trained for this project: a Faster R-CNN
MobileNetV3-Large FPN of 7 classes (fasterrcnn_shapes_module.pth, torch.save of the whole module)
and 60 drawn scenes (scenes/NNN.jpg). Written are

    examples/shapes/fasterrcnn_shapes_half.pth   the module, weights in half precision
    tests/golden/shapes/reference.safetensors    what PyTorch gives for the rounded weights

Same input and same torch: same bytes. Loading a whole module runs code from it, which is all right
here because it is our own.
"""
import argparse
import io
import json
import pathlib
import sys

import numpy as np
import torch

from load_detector import load_detector
from record_reference import photo_scene, record

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHECKPOINT = ROOT / "examples" / "shapes" / "fasterrcnn_shapes_half.pth"
REFERENCE = ROOT / "tests" / "golden" / "shapes" / "reference.safetensors"
CLASSES = ["__background__", "circle", "square", "triangle", "star", "ring", "cross"]
LIMIT = 17_000_000

# At these sizes all releases of torchvision resize to the same number of pixels, so that the
# reference judges an export for any of them.
SCENES = {"scene_375x500": (2, 375, 500), "scene_421x640": (3, 421, 640),
          "scene_613x317": (14, 613, 317), "scene_213x709": (28, 213, 709)}


def cases(scenes):
    """{name: images} for record()."""
    def scene(number, height, width):
        return photo_scene(scenes / f"{number:03d}.jpg", height, width)

    found = {name: scene(*what)[None] for name, what in SCENES.items()}
    found["blank"] = np.zeros((1, 240, 326, 3), np.uint8)
    found["noise"] = np.random.RandomState(0).randint(0, 256, (1, 240, 326, 3)).astype(np.uint8)
    found["range_0_255"] = np.ascontiguousarray(
        scene(38, 163, 120).transpose(2, 0, 1)[None].astype(np.float32))
    found["batch_2"] = np.stack([scene(38, 320, 416), scene(43, 320, 416)])
    found["batch_3"] = np.stack([scene(58, 316, 612), np.zeros((316, 612, 3), np.uint8),
                                 scene(57, 316, 612)])
    return found


def save_module(model, path):
    """torch.save, through memory so that the name of the file does not get into its content."""
    buffer = io.BytesIO()
    torch.save(model, buffer)
    if buffer.tell() > LIMIT:
        sys.exit(f"{path} would have {buffer.tell()} bytes, more than {LIMIT}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", type=pathlib.Path)
    options = parser.parse_args()
    file = options.shapes / "fasterrcnn_shapes_module.pth"
    model = load_detector(str(file), trust=True)[0].half()
    save_module(model, CHECKPOINT)
    REFERENCE.parent.mkdir(parents=True, exist_ok=True)
    record(model.float(), str(REFERENCE), cases=cases(options.shapes / "scenes"),
           metadata={"class_names": json.dumps(CLASSES)}, log=print)


if __name__ == "__main__":
    main()
