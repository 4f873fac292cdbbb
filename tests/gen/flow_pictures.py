#!/usr/bin/python3
"""Flows and what torchvision.utils.flow_to_image makes of them.

    /usr/bin/python3 tests/gen/flow_pictures.py tests/golden/image/flow.safetensors
"""
import sys

import numpy as np
import torch
from torchvision.utils import flow_to_image

from plain_safetensors import write_safetensors

y, x = np.mgrid[0:40, 0:30].astype(np.float32)
FLOWS = {
    "away": np.stack([(x - 15) / 10, (y - 20) / 7]),
    "random": np.random.RandomState(0).standard_normal((2, 40, 30)).astype(np.float32) * 20,
    "still": np.zeros((2, 8, 8), np.float32),
    "axes": np.stack([np.tile(np.float32([1, 0, -1, 0]), (4, 1)),
                      np.tile(np.float32([0, 1, 0, -1]), (4, 1))]),
}
tensors = {}
for name, flow in FLOWS.items():
    tensors[f"{name}.flow"] = torch.from_numpy(flow.astype(np.float32)[None])
    tensors[f"{name}.picture"] = flow_to_image(tensors[f"{name}.flow"]).permute(0, 2, 3, 1)
write_safetensors(sys.argv[1], tensors)
