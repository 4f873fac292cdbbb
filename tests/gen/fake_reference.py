#!/usr/bin/env python3
"""Writes tests/golden/verify/fake.safetensors: what the detector of fake_detectors.py computes, as
a torch module, recorded with scripts/record_reference.py. So the formula is written down twice, and
the recording is tested along. Needs torch and torchvision. Run without arguments; the product is
committed.
"""
import pathlib
import sys
import types

import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
from record_reference import drawn_scene, record  # noqa: E402

TOP = torch.tensor([0.50, 0.48, 0.46, 0.44, 0.42, 0.40])
DROP = torch.tensor([0.40, 0.36, 0.32, 0.28, 0.24, 0.20])
LABELS = torch.tensor([1, 2, 3, 1, 2, 3])
FRACTIONS = torch.tensor([[0.1, 0.1, 0.4, 0.4], [0.5, 0.1, 0.9, 0.4], [0.1, 0.5, 0.4, 0.9],
                          [0.5, 0.5, 0.9, 0.9], [0.3, 0.3, 0.7, 0.7], [0.0, 0.0, 1.0, 1.0]])


class FakeDetector(torch.nn.Module):
    """Takes and gives what torchvision's detectors do."""

    def __init__(self):
        super().__init__()
        self.weights = torch.nn.Parameter(torch.tensor([0.5, 0.3, 0.2]))
        self.transform = types.SimpleNamespace(min_size=(100,), max_size=200)
        self.roi_heads = types.SimpleNamespace(score_thresh=0.5, nms_thresh=0.5,
                                               detections_per_img=8)

    def forward(self, images):
        return [self.detect(image) for image in images]

    def detect(self, image):
        height, width = image.shape[1:]
        scores = DROP * (image.mean(dim=(1, 2)) @ self.weights) + TOP
        boxes = FRACTIONS * torch.tensor([width, height, width, height])
        kept = scores > 0.5
        return {"boxes": boxes[kept].to(image.dtype), "labels": LABELS[kept],
                "scores": scores[kept]}


def cases():
    def scene(height, width, seed):
        return drawn_scene(height, width, seed)

    return {
        "wide": scene(40, 57, 1),
        "high": scene(57, 40, 2),
        "blank": np.zeros((30, 40, 3), np.uint8),
        "range_0_255": scene(30, 40, 3).transpose(2, 0, 1).astype(np.float32),
        "batch_3": np.stack([scene(30, 40, 4), np.zeros((30, 40, 3), np.uint8), scene(30, 40, 5)]),
    }


if __name__ == "__main__":
    out = ROOT / "tests" / "golden" / "verify" / "fake.safetensors"
    out.parent.mkdir(parents=True, exist_ok=True)
    # The files say that they mimic torchvision 0.21; the formula does not depend on it.
    record(FakeDetector(), str(out), cases=cases(), metadata={"torchvision": "0.21.0"}, log=print)
