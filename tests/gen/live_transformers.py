#!/usr/bin/python3
"""torchvision's transformers with a head that tells eight kinds of pictures, and such pictures: what
quantising them costs is measured on these.

    /usr/bin/python3 tests/gen/live_transformers.py build/release/live/transformers [NAME...]

The networks have torchvision's first weights of a fixed seed; the head is the least-squares fit of
their features to the kinds, as the last step of training would make it. OUT/NAME.pth is the state
dict, OUT/photos has pictures that the head was not fitted to.
"""
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torchvision import models

torch.set_num_threads(1)
warnings.filterwarnings("ignore")
KINDS, FITTED, SHOWN = 8, 96, 48
MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
# Where the head is, and the side of the pictures; the first is what is made without a NAME.
HEADS = {"swin_t": ("head", 64), "swin_v2_t": ("head", 64), "maxvit_t": ("classifier.5", 224),
         "vit_b_32": ("heads.head", 224)}


def picture(kind, side, draw):
    """Stripes of the kind's direction, width and colour, with noise."""
    y, x = np.mgrid[:side, :side] / side
    angle = np.pi * kind / KINDS + draw.normal(0, 0.08)
    wave = np.sin(2 * np.pi * (3 + kind % 3) * (x * np.cos(angle) + y * np.sin(angle))
                  + draw.uniform(0, 6))
    colour = 0.5 + 0.3 * np.cos(kind * np.array([1.0, 2.0, 3.0]) + draw.normal(0, 0.2, 3))
    image = colour + 0.25 * wave[..., None] + draw.normal(0, 0.08, (side, side, 3))
    return np.rint(255 * image.clip(0, 1)).astype(np.uint8)


def batch(pictures):
    x = (np.stack(pictures).astype(np.float32) / 255 - MEAN) / STD
    return torch.from_numpy(x.transpose(0, 3, 1, 2).copy())


@torch.no_grad()
def with_head(name, place, side):
    torch.manual_seed(0)
    draw = np.random.default_rng(1)
    model = getattr(models, name)(num_classes=KINDS).eval()
    parent, leaf = place.rpartition(".")[::2]
    parent = model.get_submodule(parent)
    head = getattr(parent, leaf)
    setattr(parent, leaf, nn.Identity())
    kinds = [k % KINDS for k in range(FITTED)]
    x = torch.cat([model(batch([picture(kind, side, draw)])) for kind in kinds]).double()
    if head.bias is not None:
        x = torch.cat([x, torch.ones(FITTED, 1)], 1)
    gram = x.T @ x + 1e-3 * x.square().sum(0).mean() * torch.eye(x.shape[1])
    wanted = 10 * nn.functional.one_hot(torch.tensor(kinds)).double()
    fit = torch.linalg.solve(gram, x.T @ wanted).float().T
    head.weight = nn.Parameter(fit[:, :head.in_features].contiguous())
    if head.bias is not None:
        head.bias = nn.Parameter(fit[:, -1].contiguous())
    setattr(parent, leaf, head)
    return model


def made(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def main():
    out = Path(sys.argv[1])
    for name in sys.argv[2:] or [next(iter(HEADS))]:
        place, side = HEADS[name]
        torch.save(with_head(name, place, side).state_dict(), made(out) / f"{name}.pth")
        draw = np.random.default_rng(2)
        for k in range(SHOWN):
            Image.fromarray(picture(k * 3 % KINDS, side, draw)).save(
                made(out / f"photos{side}") / f"{k:02}.png")


if __name__ == "__main__":
    main()
