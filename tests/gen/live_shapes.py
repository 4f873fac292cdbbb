#!/usr/bin/python3
"""The trained detector of examples/shapes in files of torch.onnx.export, for tests/live/quantize_test.cpp.

    /usr/bin/python3 tests/gen/live_shapes.py build/release/live/shapes
"""
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(Path(__file__).resolve().parent))
import random_detectors as detectors  # noqa: E402

NAMES = ["boxes", "labels", "scores"]


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    shapes = ROOT / "examples" / "shapes"
    model = torch.load(shapes / "fasterrcnn_shapes_half.pth").float().eval()
    photo = np.asarray(Image.open(shapes / "images" / "002.jpg").convert("RGB")).transpose(2, 0, 1)
    photo = torch.from_numpy(photo.copy()).float()[None] / 255
    axes = {"input": {2: "height", 3: "width"}, **{name: {0: "detections"} for name in NAMES}}
    for name, opset, dynamic in [("dynamic", 13, True), ("static", 13, False), ("opset11", 11, True)]:
        torch.onnx.export(model, photo, str(out / f"{name}.onnx"), opset_version=opset,
                          input_names=["input"], output_names=NAMES,
                          dynamic_axes=axes if dynamic else None, **detectors.TRACING)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    main()
